// One run of `unroll train`, from reading the text to saying what came of it. The learning itself is the library's.
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Ranks;
using Unroll.Runs;
using Unroll.Training;

namespace Unroll.Cli.Training;

internal sealed class TrainCommand : IDisposable
{
    private const long MuchValidation = 20_000_000;

    // From the end of the run to that of the program: the closing words, the picture.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(0.25);

    private readonly TrainPlan plan;
    private readonly Session session;
    private readonly Corpus corpus;
    private readonly StartingModel? start;
    private readonly Preset? fittedFrom; // what a run without a time of its own would be with which the model goes on
    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly int members;
    private readonly double passes; // of each network, where all was fitted to the text; otherwise 0
    private readonly Trainer trainer;

    // A model that goes on is there before its run is chosen, which depends on it.
    private TrainCommand(TrainPlan plan, Session session, Corpus corpus, StartingModel start)
    {
        (this.plan, this.session, this.corpus, this.start, model) = (plan, session, corpus, start, start.For(corpus));
        fittedFrom = Presets.From(model, corpus);
        Preset preset = plan.FitToText ? plan.Run.Ranks.Decide(Presets.From(model, corpus, plan.ChangeTraining(plan.Preset.Training).Budget, plan.Run.Threads))! : plan.Preset;
        options = plan.ChangeTraining(preset.Training);
        if (plan.FileLimit is long limit)
            options = FileLimit.Fit(model, options, limit);
        (members, passes) = (model.Members.Count, preset.Passes);
        trainer = new Trainer(model, corpus, options, plan.Run);
    }

    private TrainCommand(TrainPlan plan, Session session, Corpus corpus, Preset preset)
    {
        (this.plan, this.session, this.corpus) = (plan, session, corpus);
        options = plan.ChangeTraining(preset.Training);
        (members, passes) = (plan.Members ?? preset.Members, preset.Passes);
        ModelOptions shape = plan.ChangeModel(preset.Model);
        if (members != preset.Members || shape.HiddenSize != preset.Model.HiddenSize)
            passes = 0;
        if (plan.FileLimit is long limit)
            (shape, options) = FileLimit.Fit(shape, options, members, corpus.Vocabulary.Count, corpus.Training.Length + (corpus.HeldBack?.Length ?? 0), limit);
        // Before the model is there: it may be what is too large.
        RunMemory.Check([.. Enumerable.Repeat(shape, members)], corpus.Vocabulary.Count, options, plan.Run, corpus.Validation?.Length ?? 0);
        model = LanguageModel.Create(corpus, shape, options.Seed, members);
        trainer = new Trainer(model, corpus, options, plan.Run);
    }

    /// <summary>Reads the text and makes the model.</summary>
    public static TrainCommand Prepare(TrainPlan plan, Session session)
    {
        // What is wrong with the options is said before a long text is read for nothing.
        StartingModel? start = Check(plan);
        if (start != null)
            plan = plan with { Text = start.Vocabulary.Text };
        if (plan.Run.Ranks.IsFirst())
            RunFiles.Check(plan);
        TextSource text = plan.Texts.Count == 0 ? TextSource.Story : TextArguments.Open(plan.Texts, session);
        TextSource? validation = plan.ValidationFile is string file ? TextSource.FromPaths([file]) : null;
        Corpus corpus = Read(plan, session, text, validation, start?.Vocabulary);
        return start != null ? new TrainCommand(plan, session, corpus, start)
            : new TrainCommand(plan, session, corpus, plan.FitToText ? Fitted(plan, corpus) : plan.Preset);
    }

    /// <summary>Checks the options, as far as they can be without the text.</summary>
    /// <returns>The model to go on from, or null.</returns>
    /// <exception cref="UnrollException">They are impossible.</exception>
    public static StartingModel? Check(TrainPlan plan)
    {
        StartingModel? start = StartingModel.Find(plan);
        if (start == null)
            plan.ChangeModel(plan.Preset.Model).Validate();
        plan.ChangeTraining(plan.Preset.Training).Validate();
        plan.Run.Validate();
        return start;
    }

    private static Preset Fitted(TrainPlan plan, Corpus corpus)
    {
        Preset fitted = plan.ChangeTraining(plan.Preset.Training).Budget is { } budget
            ? Presets.DefaultFor(corpus, budget, plan.Run.Threads)
            : Presets.DefaultFor(corpus);
        return plan.Run.Ranks.Decide(fitted.WithCell(plan.ChangeModel(fitted.Model).Cell))!;
    }

    /// <summary>Trains, and says what came of it.</summary>
    /// <returns>The exit code.</returns>
    public int Go()
    {
        if (!plan.Run.Ranks.IsFirst())
            return Help();
        Terminal terminal = session.Terminal;
        ShowChoices();
        bool goesOn = plan.Resume && File.Exists(plan.Out);
        EarlierModel? earlier = goesOn ? null : EarlierModel.Find(plan, model, corpus, options);
        using RunLog? log = plan.Log is string path ? new RunLog(path, goesOn, model, corpus, options) : null;
        PerplexityPlot? plot = plan.Plot is string picture ? new PerplexityPlot(picture, $"{corpus.Name}: {Words.Networks(members)}{Words.Briefly(model.Options)}") : null;
        if (goesOn)
            plot?.Continue();
        var speaker = new SampleSpeaker(model, corpus, options, plan.Run.Threads, plan.IsTextbook, plan.SampleEvery, plan.SamplePrefix);
        TrainingDisplay display = TrainingDisplay.For(terminal);
        // What is there already stays until the run has something to put in its place.
        void MakeRoom() => earlier?.SetAside(display.Say);
        trainer.Caller = new RunCaller { Started = session.Started, Afterwards = Afterwards, BeforeFirstWrite = MakeRoom };
        var listener = new TrainingListener(display, speaker, plot, log, EpochTokens(), MakeRoom);
        using WatchedRun? watched = plan.Watch ? WatchedRun.Start(plan.Log!, terminal) : null;
        TrainingResult result;
        using (session.Interruption.Gracefully(display.ShowStopping))
            result = display.Around(() => trainer.Run(listener, session.Interruption.Token));
        listener.Finish(result);
        if (!result.Completed)
            return SayHowToResume(result);
        if (terminal.ErrorIsTerminal)
            terminal.Note("");
        var outcome = new TrainingOutcome(plan, model, corpus, result, speaker);
        if (plan.Json)
            JsonOutput.Write(terminal.Out, outcome.Json(), JsonOutput.Readable.TrainJson);
        else
            outcome.Write(terminal);
        // Of several networks each had a plan of its own.
        if (members == 1 && options.Budget is TimeSpan budget && result.Summary.Training is { Pace: string pace, Updates: long updates })
            terminal.Note($"the same model by updates, not by the clock: {Chosen()}--updates {updates} --pace {pace} instead of --budget {Value.Text(budget)}");
        return 0;
    }

    // What a rank does that is not the first: it computes.
    private int Help()
    {
        trainer.Caller = new RunCaller { Started = session.Started, Afterwards = Afterwards };
        using (session.Interruption.Gracefully())
            return trainer.Run(progress: null, session.Interruption.Token).Completed ? 0 : Interruption.ExitCode;
    }

    // What was chosen for the time, and would be chosen otherwise without it.
    private string Chosen()
    {
        if (!plan.FitToText && !plan.GoesOnUnnamed)
            return "";
        Preset without = fittedFrom ?? Presets.DefaultFor(corpus).WithCell(model.Options.Cell);
        ModelOptions shape = plan.ChangeModel(without.Model);
        TrainingOptions training = plan.ChangeTraining(without.Training);
        var words = new List<string>();
        if (members != (plan.Members ?? without.Members))
            words.Add($"--members {members}");
        foreach (Setting<ModelOptions> setting in TrainSettings.Model())
            if (setting.Get(model.Options) != setting.Get(shape))
                words.Add($"{setting.Option.Name} {setting.Get(model.Options)}");
        foreach (Setting<TrainingOptions> setting in TrainSettings.Training().Where(setting => setting.Option.Name is not ("--epochs" or "--updates" or "--budget" or "--pace")))
            if (setting.Get(options) != setting.Get(training))
                words.Add($"{setting.Option.Name} {setting.Get(options)}");
        return string.Concat(words.Select(word => word + " "));
    }

    /// <summary>Lets the text go.</summary>
    public void Dispose() => corpus.Dispose();

    private static Corpus Read(TrainPlan plan, Session session, TextSource text, TextSource? validation, Vocabulary? vocabulary)
    {
        // Whoever waits at the keyboard, or for a pipe, looks at no token: there the signal ends the program, as it did.
        using IDisposable? gracefully = text.Files is null ? null : session.Interruption.Gracefully();
        using var line = new ReadingLine(session.Terminal, text.Name);
        Corpus corpus = Corpus.Load(text, plan.Text, plan.Corpus, validation, vocabulary, line, session.Interruption.Token);
        line.Dispose();
        if (corpus.Notice is string notice)
            session.Terminal.Warn(notice);
        if (corpus.Validation?.Length > MuchValidation && plan.ValidationFile is null)
        {
            session.Terminal.Note($"{Figures.Count(corpus.Validation.Length)} tokens to validate on are read through at the run's end, and take their time; "
                + "--validation 0.001 keeps fewer back");
        }
        return corpus;
    }

    // Predictions in an epoch, but for what its random offset takes away.
    private long EpochTokens()
    {
        long window = (long)options.Batch * options.SequenceLength;
        return Math.Max(1, (corpus.Training.Length - 1) / window) * window;
    }

    private void ShowChoices()
    {
        var facts = new Facts();
        string validation = corpus.Validation is { } kept ? $", {Figures.Count(kept.Length)} to validate on" : ", no validation";
        string learned = $"{Figures.Count(corpus.Training.Length)} {Words.Tokens(plan.Text)} to learn from";
        facts.Say("text", $"{corpus.Name}: {learned}{validation}, {Figures.Count(corpus.Vocabulary.Count)} in the vocabulary");
        if (corpus.CachePath is string cache)
            facts.Say("ids", $"kept in {cache} (see unroll data cache)");
        facts.Say("model", $"{Words.Networks(members)}{Words.Model(model.Options, fromRandom: start is null)}: {Figures.Count(model.ParameterCount)} parameters");
        if (start != null)
            facts.Say("from", start.Describe(corpus));
        facts.Say("training", Words.Training(options));
        if (passes > 0)
            facts.Say("chosen", start != null ? Words.GoesOn(passes, options, plan.Run.Threads) : Words.Chosen(members, passes, options, plan.Run.Threads));
        long memory = RunMemory.Bytes(model, options, plan.Run, corpus.Validation?.Length ?? 0);
        if (plan.Run.Ranks is { } ranks)
            facts.Say("ranks", $"{ranks.Count}, each with {options.Shards / ranks.Count} of the minibatch's {options.Shards} shards{(members > 1 ? "; the networks take turns" : "")}");
        facts.Say("device", $"{(plan.Run.Ranks is null ? "" : "each rank: ")}{Device.Describe(plan.Run.Threads)}; about {Figures.Bytes(memory)} of memory");
        facts.Write(session.Terminal.Error, session.Terminal.ErrorWidth);
    }

    private int SayHowToResume(TrainingResult result)
    {
        session.Terminal.Note($"Stopped after {Figures.Count(result.Summary.Updates)} updates; saved in {plan.Out}. To go on:");
        session.Terminal.Note($"  {Invocation.CommandLine(session.CommandLine, "--resume")}");
        return Interruption.ExitCode;
    }
}
