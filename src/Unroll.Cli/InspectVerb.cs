// `unroll inspect`: what is in a model, or in a text. The content decides which it is.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Inspecting;
using Unroll.Cli.Output;
using Unroll.Cli.Training;
using Unroll.Files;

namespace Unroll.Cli;

internal sealed class InspectVerb : Verb
{
    private const int DefaultTop = 20;

    private readonly Argument<string[]> paths = new("PATH")
    {
        Description = "a model file, or a text: " + TextArguments.Description,
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> top = Taking("--top", "N", $"how many of the most frequent tokens to show [default: {DefaultTop}]");
    private readonly Option<bool> json = Switch(
        "--json",
        "one JSON object instead of tables: kind (text or model); of a text characters, tokens, vocabulary, top [{token, id, count}], advice [{seconds, networks, units, passes}], countsLoss; "
            + "of a model options, members, parameters, vocabulary and more");
    private readonly IReadOnlyList<Setting<TextOptions>> settings = TrainSettings.Text();
    private readonly Setting<CorpusOptions> minCount = TrainSettings.Corpus().Single(setting => setting.Option.Name == "--min-count");
    private readonly Setting<CorpusOptions> vocabulary = TrainSettings.Corpus().Single(setting => setting.Option.Name == "--vocabulary");
    private readonly Option<string> tokenizer = Taking(
        "--tokenizer", "FILE",
        "write a model's byte pairs to a file for other programs, in Hugging Face's form (tokenizer.json); a file that is there stays");

    public InspectVerb() : base("inspect", "Shows what is in a model, or in a text: counts, vocabulary, most frequent tokens, advice on training.")
    {
        Arguments.Add(paths);
        foreach (Setting<TextOptions> setting in settings)
            setting.Option.Description += $" [default: {setting.Get(new TextOptions())}]";
        minCount.Option.Description += $" [default: {minCount.Get(new CorpusOptions())}]";
        Group("How a text is read", [.. settings.Select(setting => setting.Option), minCount.Option, vocabulary.Option]);
        Group("Options", top, tokenizer, json);
        Examples.Add(("unroll inspect my-text.txt --tokens word", "the commonest words, and what training would make of the text"));
        Examples.Add(("unroll inspect model.safetensors --tokenizer tokenizer.json", "its byte pairs, for other programs"));
        Examples.Add(("unroll inspect model.safetensors", "a model's options, tensors and losses"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        string[] words = arguments.GetValue(paths) ?? [];
        if (words.Length == 0)
            throw new UsageException("There is nothing to inspect: name a model file or a text.");
        int shown = arguments.GetValue(top) is string number ? Value.Count("--top", number, 0) : DefaultTop;
        bool asJson = arguments.GetValue(json);
        TextOptions options = settings.Aggregate(new TextOptions(), (text, setting) => setting.Apply(text, arguments));
        CorpusOptions part = vocabulary.Apply(minCount.Apply(new CorpusOptions(), arguments), arguments);
        TrainSettings.CheckVocabulary(options, part);
        string? file = arguments.GetValue(tokenizer);
        if (words is [string path] && IsModel(path))
        {
            var inspection = new ModelInspection(path, Checkpoint.ReadMetadata(path), LanguageModel.Load(path));
            if (file is not null)
                inspection.SaveTokenizer(file);
            if (asJson)
                JsonOutput.Write(session.Terminal.Out, inspection.Json(), JsonOutput.Readable.ModelJson);
            else
                inspection.Write(session.Terminal, shown);
        }
        else
        {
            if (file is not null)
                throw new UsageException("--tokenizer writes what a model file holds: name one model file.");
            TextSource source = TextArguments.Open(words, session);
            using var line = new ReadingLine(session.Terminal, source.Name);
            TextStatistics statistics = TextStatistics.Measure(source, options, part.MinCount, line, session.Interruption.Token, part.VocabularySize);
            line.Dispose();
            var inspection = new TextInspection(source.Name, statistics, TextAdvice.For(source, statistics), part, words);
            if (asJson)
                JsonOutput.Write(session.Terminal.Out, inspection.Json(shown), JsonOutput.Readable.TextJson);
            else
                inspection.Write(session.Terminal, shown);
        }
        return 0;
    }

    // What is called a model and is none any more is to be told so, not to be counted as a text.
    private static bool IsModel(string path) =>
        FirstLook.IsModel(path) || (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && File.Exists(path));
}
