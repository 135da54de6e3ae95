// `unroll generate`: continues a prefix, and lets the reader watch.
using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli;

internal sealed class GenerateVerb : Verb
{
    private const int UnknownNamed = 10;
    private static readonly GenerationOptions Defaults = new();

    private readonly Argument<string[]> model = new("MODEL")
    {
        Description = "a model file that unroll train wrote",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> prefix = Taking("--prefix", "TEXT", "the text to continue [default: none, the model begins by itself]");
    private readonly Option<string> length = Taking("--length", "N", $"tokens to produce at most [default: {Defaults.Length}]");
    private readonly Option<string> temperature = Taking(
        "--temperature", "T",
        "0 = always the likeliest token (greedy), 1 = as the model believes; less is more cautious, more is bolder "
            + $"[default: {Value.Text(Defaults.Temperature)}]");
    private readonly Option<string> topK = Taking(
        "--top-k", "K",
        $"sample among the K likeliest tokens only; 0 = all [default: {Defaults.TopK}]");
    private readonly Option<string> topP = Taking(
        "--top-p", "P",
        $"sample among the fewest likeliest tokens that together reach probability P; 1 = all [default: {Value.Text(Defaults.TopP)}]");
    private readonly Option<string> count = Taking("--count", "N", "how many texts [default: 1]");
    private readonly Option<string[]> stop = new("--stop")
    {
        HelpName = "TEXT",
        Description = "stop after this text; may be given several times [default: never]",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> seed = Taking("--seed", "N", $"equal seeds give equal texts [default: {Defaults.Seed}]");
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<bool> json = Switch("--json", "one JSON object instead of text: samples [{prefix, text, tokens, seconds}]");

    public GenerateVerb() : base("generate", "Continues a text with a model. The text appears as it is produced.")
    {
        Arguments.Add(model);
        Group("Options", prefix, length, temperature, topK, topP, count, stop, seed, memory, threads, json);
        Examples.Add(("unroll generate model.safetensors --prefix \"time traveller\" --length 50", "the likeliest continuation"));
        Examples.Add(("unroll generate model.safetensors --prefix \"The \" --temperature 0.8 --count 3", "three livelier ones"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        string path = arguments.GetValue(model) switch
        {
            [string only] => only,
            [_, string extra, ..] => throw new UsageException(
                $"Unexpected argument '{extra}': generate takes one model (quote a prefix that has spaces)."),
            _ => throw new UsageException("The model file is missing."),
        };
        GenerationOptions options = Sampling(arguments);
        string start = arguments.GetValue(prefix) ?? "";
        int texts = arguments.GetValue(count) is string number ? Value.Count("--count", number, 1) : 1;
        int workers = Threads(arguments, threads);
        bool asJson = arguments.GetValue(json);

        using IDisposable scope = session.Interruption.Gracefully();
        LanguageModel loaded = WithMemory(LanguageModel.Load(path), arguments, memory);
        if (texts > 1 && options.Temperature == 0)
            session.Terminal.Warn("the likeliest text is always the same; --temperature 0.8 gives different ones.");
        using var generator = new TextGenerator(loaded, workers);
        WarnOfUnknown(generator.UnknownTokens(start), session.Terminal);
        var samples = new List<GeneratedJson>();
        for (int sample = 0; sample < texts && !session.Interruption.IsRequested; sample++)
        {
            if (texts > 1 && !asJson)
                session.Terminal.Out.WriteLine($"{(sample > 0 ? "\n" : "")}=== {sample + 1} of {texts} ===");
            GenerationOptions own = options with { Sample = (ulong)sample };
            samples.Add(Speak(generator, start, own, asJson ? null : session.Terminal, session.Interruption.Token));
        }
        if (asJson)
            JsonOutput.Write(session.Terminal.Out, new GenerateJson(samples), JsonOutput.Readable.GenerateJson);
        return session.Interruption.IsRequested ? Interruption.ExitCode : 0;
    }

    private GenerationOptions Sampling(ParseResult arguments) => new()
    {
        Length = arguments.GetValue(length) is string tokens ? Value.Count("--length", tokens, 0) : Defaults.Length,
        Temperature = arguments.GetValue(temperature) is string heat ? Value.Number("--temperature", heat, 0) : Defaults.Temperature,
        TopK = arguments.GetValue(topK) is string k ? Value.Count("--top-k", k, 0) : Defaults.TopK,
        TopP = arguments.GetValue(topP) is string p ? Value.Number("--top-p", p, 0, 1) : Defaults.TopP,
        StopSequences = [.. (arguments.GetValue(stop) ?? []).Where(text => text.Length > 0)],
        Seed = arguments.GetValue(seed) is string number ? Value.Seed("--seed", number) : Defaults.Seed,
    };

    private static void WarnOfUnknown(IReadOnlyList<string> unknown, Terminal terminal)
    {
        if (unknown.Count == 0)
            return;
        string names = string.Join(", ", unknown.Take(UnknownNamed).Select(token => $"'{VisibleText.Token(token)}'"));
        string rest = unknown.Count > UnknownNamed ? $" and {unknown.Count - UnknownNamed} more" : "";
        terminal.Warn($"the model does not know {names}{rest} in the prefix and reads {Vocabulary.UnknownToken} there.");
    }

    // Writes the prefix and each piece of the continuation at once, unless nobody is to see it before the end.
    private static GeneratedJson Speak(
        TextGenerator generator, string prefix, GenerationOptions options, Terminal? terminal, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var text = new StringBuilder();
        Show(prefix);
        try
        {
            foreach (string piece in generator.Stream(prefix, options, cancellationToken))
            {
                if (terminal == null)
                    text.Append(piece);
                else
                    Show(piece);
            }
        }
        catch (OperationCanceledException)
        {
            // What there is so far is worth keeping.
        }
        terminal?.Out.WriteLine();
        terminal?.Out.Flush();
        return new GeneratedJson(prefix, text.ToString(), generator.TokensProduced, Stopwatch.GetElapsedTime(start).TotalSeconds);

        void Show(string piece)
        {
            if (terminal == null)
                return;
            terminal.Out.Write(terminal.OutIsTerminal ? VisibleText.Lines(piece) : piece);
            terminal.Out.Flush();
        }
    }
}
