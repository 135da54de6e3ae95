// `unroll evaluate`: how well a model predicts a text.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli;

internal sealed class EvaluateVerb : Verb
{
    private readonly Argument<string[]> words = new("MODEL TEXT...")
    {
        Description = "a model file, and files, folders, datasets, or - for standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<bool> adapt = Switch(
        "--adapt",
        "read along: learn from every piece of the text once it is scored (dynamic evaluation); the model file stays as it is");
    private readonly Option<bool> json = Switch(
        "--json",
        "one JSON object instead of a table: tokens, characters, bytes, unknown, loss, perplexity, bitsPerToken, bitsPerCharacter, "
            + "bitsPerByte, networkLoss, tokensPerSecond");

    public EvaluateVerb() : base("evaluate", "Measures how well a model predicts a text: loss in nats, perplexity, bits per token, character and byte.")
    {
        Arguments.Add(words);
        Group("Options", threads, memory, adapt, json);
        Remarks.Add("The text is read from its first character to its last with the state carried along; every token but the first is predicted. "
            + "The model's own splitting and cleaning apply. Memory does not grow with the text.");
        Examples.Add(("unroll evaluate model.safetensors another-book.txt", "how well the model knows another author"));
        Examples.Add(("unroll evaluate model.safetensors new-chapter.txt --adapt", "what a reader expects who remembers what he has read"));
        Examples.Add(("unroll evaluate model.safetensors - --json < log.txt", "from standard input, for a script"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(words) is not [string path, .. string[] texts])
            throw new UsageException("The model file is missing.");
        if (texts.Length == 0)
            throw new UsageException("The text is missing: name a file, a folder, a dataset, or - for standard input.");
        int workers = Threads(arguments, threads);

        LanguageModel model = WithMemory(LanguageModel.Load(path), arguments, memory);
        TextSource source = TextArguments.Open(texts, session);
        using var progress = new CountingLine(session.Terminal, "tokens read");
        EvaluationResult result = Evaluator.Evaluate(model, source, workers, arguments.GetValue(adapt), progress);
        progress.Dispose();
        if (arguments.GetValue(json))
            JsonOutput.Write(session.Terminal.Out, Json(result), JsonOutput.Readable.EvaluateJson);
        else
            Show(result, session.Terminal);
        return 0;
    }

    private static EvaluateJson Json(EvaluationResult result) => new(
        result.Tokens, result.Characters, result.Bytes, result.Unknown, JsonOutput.Finite(result.Loss), JsonOutput.Finite(result.Perplexity),
        JsonOutput.Finite(result.BitsPerToken), JsonOutput.Finite(result.BitsPerCharacter), JsonOutput.Finite(result.BitsPerByte),
        result.NetworkLoss is double alone ? JsonOutput.Finite(alone) : null, Speed(result));

    private static double Speed(EvaluationResult result) => result.Seconds > 0 ? result.Tokens / result.Seconds : 0;

    private static void Show(EvaluationResult result, Terminal terminal)
    {
        var table = new Facts();
        table.Add("tokens", Figures.Count(result.Tokens), "predicted");
        table.Add("characters", Figures.Count(result.Characters));
        table.Add("bytes", Figures.Count(result.Bytes), "as UTF-8");
        string share = Figures.Percent((double)result.Unknown / result.Tokens);
        table.Add("unknown", Figures.Count(result.Unknown), result.Unknown == 0 ? "" : $"tokens that the model does not know ({share})");
        table.Add("loss", Figures.Precise(result.Loss), "nats per token");
        if (result.NetworkLoss is double alone)
            table.Add("one network alone", Figures.Precise(alone), "nats per token");
        table.Add("perplexity", Figures.Perplexity(result.Perplexity));
        table.Add("bits per token", Figures.Precise(result.BitsPerToken));
        table.Add("bits per character", Figures.Precise(result.BitsPerCharacter));
        table.Add("bits per byte", Figures.Precise(result.BitsPerByte));
        table.Add("speed", Figures.Count((long)Speed(result)), "tokens per second");
        table.Write(terminal.Out, terminal.OutWidth);
        if (result.UnknownTokens.Count > 0)
        {
            IEnumerable<string> names = result.UnknownTokens.Select(token => $"{VisibleText.Token(token.Token)} ×{Figures.Count(token.Count)}");
            terminal.Out.WriteLine($"unknown tokens, commonest first:  {string.Join("  ", names)}");
        }
    }
}
