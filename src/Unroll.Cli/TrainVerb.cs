// `unroll train`: from a text to a model file, in sight of the person who waits for it.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Cli.Training;
using Unroll.Ranks;
using Unroll.Runs;
using Unroll.Training;

namespace Unroll.Cli;

internal sealed class TrainVerb : Verb
{
    private const string DefaultOut = "model.safetensors";

    private readonly Argument<string[]> texts = new("TEXT")
    {
        HelpName = "[TEXT...]",
        Description = $"{TextArguments.Description}; with none, the built-in story with the textbook's settings",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> preset = Taking(
        "--preset", "NAME",
        "named settings (listed below); single options override them [default: \"default\" for a text of your own, \"textbook\" for the story]");
    private readonly Option<string> from = Taking(
        "--from", "MODEL",
        "go on from a finished model with a new text: the shape is the model's, the optimiser begins afresh; the file stays as it is [default: begin with random weights]");
    private readonly IReadOnlyList<Setting<ModelOptions>> model = TrainSettings.Model();
    private readonly IReadOnlyList<Setting<TextOptions>> text = TrainSettings.Text();
    private readonly IReadOnlyList<Setting<CorpusOptions>> corpus = TrainSettings.Corpus();
    private readonly IReadOnlyList<Setting<TrainingOptions>> training = TrainSettings.Training();
    private readonly Option<string> members = Taking(
        "--members", "N",
        "networks whose predictions are averaged: the second learns with the seed after the first one's, and so on; with several threads they learn side by side [default: as suits the text; textbook 1]");
    private readonly Option<string> fileLimit = Taking(
        "--file-limit", "SIZE",
        "the most bytes of the finished model's file, such as 20MB: n-grams and the memory of counts get what the networks leave [default: none]");
    private readonly Option<string> validation = Taking(
        "--validation", "FRACTION|FILE",
        "measure on the last part of the text, or on a text of its own; 0 = on none");
    private readonly Option<string> threads = ThreadsOption("; the result does not depend on it");
    private readonly Option<string> output = Taking(
        "--out", "FILE",
        $"where the model goes; a model that is there already is kept under another name, unless the same run made it [default: {DefaultOut}]");
    private readonly Option<bool> resume = Switch(
        "--resume",
        "go on with the unfinished run in the --out file; its own options need not be repeated");
    private readonly Option<string> checkpointEvery = Taking(
        "--checkpoint-every", "SECONDS",
        $"time between two saves of the unfinished run; an epoch's end saves too [default: {Value.Text(new RunOptions().CheckpointEvery.TotalSeconds)}]");
    private readonly Option<string> plot = Taking(
        "--plot", "FILE|none",
        "the perplexity curve as SVG [default: beside the model, such as model.svg]");
    private readonly Option<string> log = Taking(
        "--log", "FILE",
        "append one JSON line with the options and one per epoch, measurement and sample [default: none]");
    private readonly Option<string> sampleEvery = Taking(
        "--sample-every", "EPOCHS",
        "let the model speak every so many epochs; 0 = never [default: a twentieth of the run; textbook 10]");
    private readonly Option<string> samplePrefix = Taking(
        "--sample-prefix", "TEXT",
        "what it continues, for 50 tokens [default: the text's first words; textbook \"time traveller\"]");
    private readonly Option<bool> watch = Switch(
        "--watch",
        "show the run on a page of this machine while it lasts, from its log [the log's default: beside the model, such as model.jsonl]");
    private readonly Option<bool> json = Switch(
        "--json",
        "one JSON object when all is done: model, members, parameters, vocabulary, epochs, updates, tokens, seconds, tokensPerSecond, "
            + "training, validation, networkValidation, samples [{prefix, text}]");

    public TrainVerb() : base("train", "Trains a model on a text and writes it to a file.")
    {
        Arguments.Add(texts);
        Group("Preset", preset);
        Group("Model", [from, .. model.Select(setting => setting.Option), members]);
        Group("Text", [.. text.Select(setting => setting.Option), .. corpus.Select(setting => setting.Option), validation]);
        Group("Training", [.. training.Select(setting => setting.Option), threads]);
        Group("Output", output, fileLimit, resume, checkpointEvery, plot, log, sampleEvery, samplePrefix, watch, json);
        Tables.Add(("Presets", [.. Presets.All.Select(known => (known.Name, known.Description))]));
        Remarks.Add("Ctrl-C finishes the step, saves, and says how to go on; a second one ends at once. "
            + "Equal text, options and seed give the same model file, byte for byte, however often the run was stopped and "
            + "resumed (only --budget depends on the machine).");
        Examples.Add(("unroll train", "the textbook's model on the built-in story, in under a minute"));
        Examples.Add(("unroll train my-text.txt", "your own text with sensible settings"));
        Examples.Add(("unroll train tiny-shakespeare --cell gru --hidden 512 --budget 10m --out shakespeare.safetensors", "ten minutes for a larger one"));
        Examples.Add(("unroll train names.txt --documents line", "names, one a line: the model writes one at a time"));
        Examples.Add(("unroll train my-text.txt --budget 3m", "the best model that three minutes can give"));
        Examples.Add(("unroll train my-text.txt --budget 10m --watch", "and watch it learn in a browser"));
        Examples.Add(("unroll train --from shakespeare.safetensors my-text.txt", "a model that knows both, for a text too short to learn a language from"));
    }

    /// <summary>What names the text.</summary>
    public Argument<string[]> Texts => texts;

    /// <summary>The options that say what is learned and how, and what is told of it: without those that name a run's files, or are for
    /// whoever looks at one run.</summary>
    public IEnumerable<(string Heading, IReadOnlyList<Option> Options)> Choices
    {
        get
        {
            Option[] own = [threads, output, resume, plot, log, watch, json];
            return Groups.Select(group => (group.Heading, (IReadOnlyList<Option>)[.. group.Options.Except(own)]));
        }
    }

    /// <summary>Checks a command line, as far as it can be without reading the text.</summary>
    /// <exception cref="UsageException">It is wrong.</exception>
    /// <exception cref="UnrollException">It is impossible.</exception>
    public void Check(ParseResult arguments, Session session) => TrainCommand.Check(Plan(arguments, session));

    public override void NameDefaults()
    {
        IReadOnlyList<Preset> fitted = RunAdvice.Examples(Presets.Default);
        foreach (Setting<ModelOptions> setting in model)
            setting.Option.Description += Defaults(setting, fitted, preset => preset.Model);
        foreach (Setting<TextOptions> setting in text)
            setting.Option.Description += Defaults(setting.Get(Presets.Default.Text), setting.Get(Presets.Textbook.Text));
        foreach (Setting<CorpusOptions> setting in corpus)
            setting.Option.Description += Defaults(setting.Get(Presets.Default.Corpus), setting.Get(Presets.Textbook.Corpus));
        foreach (Setting<TrainingOptions> setting in training)
            setting.Option.Description += Defaults(setting, fitted, preset => preset.Training);
        validation.Description += Defaults(Value.Text(Presets.Default.Corpus.Validation), Value.Text(Presets.Textbook.Corpus.Validation));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        using TrainCommand command = TrainCommand.Prepare(Plan(arguments, session), session);
        return command.Go();
    }

    // What the rules choose otherwise than the default preset has no default to be named.
    private static string Defaults<T>(Setting<T> setting, IReadOnlyList<Preset> fitted, Func<Preset, T> part)
    {
        string[] own = [.. fitted.Select(example => setting.Get(part(example))).Distinct()];
        string textbook = setting.Get(part(Presets.Textbook));
        return own.Length > 1 ? $" [default: as suits the text{(textbook.Length > 0 ? $"; textbook {textbook}" : "")}]" : Defaults(own[0], textbook);
    }

    private static string Defaults(string own, string textbook) =>
        own == textbook ? own.Length > 0 ? $" [default: {own}]" : ""
        : own.Length == 0 ? $" [textbook: {textbook}]"
        : textbook.Length == 0 ? $" [default: {own}]"
        : $" [default: {own}; textbook {textbook}]";

    private TrainPlan Plan(ParseResult arguments, Session session)
    {
        string[] lengths = [.. training.Where(setting => setting.IsGiven(arguments)).Select(setting => setting.Option.Name)
            .Where(name => name is "--epochs" or "--updates" or "--budget")];
        if (lengths.Length > 1)
            throw new UsageException($"{string.Join(" and ", lengths)} say the length of the run twice; give one of them.");
        string[] words = arguments.GetValue(texts) ?? [];
        string path = arguments.GetValue(output) is string given and not "" ? given : DefaultOut;
        bool again = arguments.GetValue(resume);
        Preset? named = Named(arguments.GetValue(preset));
        Preset? own = named == null && again ? session.Ranks.Decide(ResumedRun.Settings(path)) : null;
        Preset settings = named ?? own ?? (words.Length == 0 ? Presets.Textbook : Presets.Default);
        if (own == null)
            settings = settings.WithCell(model.Aggregate(settings.Model, (options, setting) => setting.Apply(options, arguments)).Cell);
        if (session.Ranks != null && words.Contains("-"))
            throw new UsageException("Standard input (-) goes to one rank only; name a file that lies on every machine.");
        if (arguments.GetValue(watch) && arguments.GetValue(log) is "none" or "")
            throw new UsageException("--watch shows what the log says: leave out --log none.");
        string? start = arguments.GetValue(from) is string beginning and not "" ? beginning : null;
        CheckFrom(arguments, start, words, again);
        CorpusOptions part = corpus.Aggregate(
            own == null && start != null ? settings.Corpus with { NewTokens = true } : settings.Corpus, (options, setting) => setting.Apply(options, arguments));
        // What is held back is there to weigh a memory on.
        if (training.Aggregate(settings.Training with { MemoryTokens = 1 }, (options, setting) => setting.Apply(options, arguments)).MemoryTokens == 0
            && !corpus.First(setting => setting.Option.Name == "--held-back").IsGiven(arguments))
            part = part with { HeldBack = 0 };
        TextOptions read = ChangeText(settings.Text);
        TrainSettings.CheckVocabulary(read, part);
        string? validationFile = null;
        if (arguments.GetValue(validation) is string kept)
            (part, validationFile) = Validation(part, kept);
        return new TrainPlan
        {
            Texts = words,
            From = start,
            Preset = settings,
            FitToText = named == null && own == null && words.Length > 0,
            GoesOnUnnamed = own != null && words.Length > 0,
            Text = read,
            ChangeText = ChangeText,
            Corpus = part,
            ValidationFile = validationFile,
            Members = arguments.GetValue(members) is string networks ? Value.Count("--members", networks, 1, LanguageModel.MostMembers) : null,
            FileLimit = arguments.GetValue(fileLimit) is string size ? Value.Bytes("--file-limit", size) : null,
            ChangeModel = options => model.Aggregate(options, (changed, setting) => setting.Apply(changed, arguments)),
            ChangeTraining = options => training.Aggregate(options, (changed, setting) => setting.Apply(changed, arguments)),
            Run = new RunOptions
            {
                Out = path,
                Resume = again,
                CheckpointEvery = arguments.GetValue(checkpointEvery) is string seconds
                    ? TimeSpan.FromSeconds(Value.Number("--checkpoint-every", seconds, 0, 1e9))
                    : new RunOptions().CheckpointEvery,
                Threads = Threads(arguments, threads) is > 0 and int asked ? asked : session.ThreadsEach,
                Ranks = session.Ranks,
            },
            Plot = arguments.GetValue(plot) switch { null => Path.ChangeExtension(path, ".svg"), "none" or "" => null, string file => file },
            Log = arguments.GetValue(log) is string lines ? lines is "none" or "" ? null : lines : arguments.GetValue(watch) ? Path.ChangeExtension(path, ".jsonl") : null,
            Watch = arguments.GetValue(watch),
            SampleEvery = arguments.GetValue(sampleEvery) is string every ? Value.Count("--sample-every", every, 0) : null,
            SamplePrefix = arguments.GetValue(samplePrefix),
            Json = arguments.GetValue(json),
        };

        TextOptions ChangeText(TextOptions options) => text.Aggregate(options, (changed, setting) => setting.Apply(changed, arguments));
    }

    private void CheckFrom(ParseResult arguments, string? start, string[] words, bool again)
    {
        if (start == null && !again && corpus.First(setting => setting.Option.Name == "--new-tokens").IsGiven(arguments))
            throw new UsageException("--new-tokens says what a model that goes on makes of tokens that it does not know; name the model with --from.");
        if (start != null && words.Length == 0)
            throw new UsageException("--from goes on with a new text, which is missing: name a file, a folder, a dataset, or - for standard input.");
        if (start != null && arguments.GetValue(preset) is string named)
            throw new UsageException($"--from and --preset {named} both say what the model is; give one of them.");
    }

    private static Preset? Named(string? name)
    {
        try
        {
            return name == null ? null : Presets.Find(name);
        }
        catch (UnrollException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private static (CorpusOptions Corpus, string? File) Validation(CorpusOptions corpus, string value)
    {
        if (File.Exists(value) || Directory.Exists(value))
            return (corpus with { Validation = 0 }, value);
        return double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? (corpus with { Validation = Value.Number("--validation", value, 0, 1, mostIncluded: false) }, null)
            : throw new UsageException($"--validation takes a fraction such as 0.1, or a file; there is no file '{value}'.");
    }
}
