// `unroll inspect`: what is in a model, or in a text. The content decides which it is.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Inspecting;
using Unroll.Cli.Output;
using Unroll.Cli.Training;

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

    public InspectVerb() : base("inspect", "Shows what is in a model, or in a text: counts, vocabulary, most frequent tokens, advice on training.")
    {
        Arguments.Add(paths);
        foreach (Setting<TextOptions> setting in settings)
            setting.Option.Description += $" [default: {setting.Get(new TextOptions())}]";
        minCount.Option.Description += $" [default: {minCount.Get(new CorpusOptions())}]";
        Group("How a text is read", [.. settings.Select(setting => setting.Option), minCount.Option]);
        Group("Options", top, json);
        Examples.Add(("unroll inspect my-text.txt --tokens word", "the commonest words, and what training would make of the text"));
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
        int least = minCount.Apply(new CorpusOptions(), arguments).MinCount;
        if (words is [string path] && IsModel(path))
        {
            var inspection = new ModelInspection(path, Checkpoint.ReadMetadata(path), LanguageModel.Load(path));
            if (asJson)
                JsonOutput.Write(session.Terminal.Out, inspection.Json(), JsonOutput.Readable.ModelJson);
            else
                inspection.Write(session.Terminal, shown);
        }
        else
        {
            TextSource source = TextArguments.Open(words, session);
            using var line = new ReadingLine(session.Terminal, source.Name);
            TextStatistics statistics = TextStatistics.Measure(source, options, least, line);
            line.Dispose();
            var inspection = new TextInspection(source.Name, statistics, TextAdvice.For(source, statistics, least), least, words);
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
