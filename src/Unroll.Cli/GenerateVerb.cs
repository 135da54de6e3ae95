// `unroll generate`: continues a prefix, and lets the reader watch.
using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Unroll.Cli.Arguments;
using Unroll.Cli.Generating;
using Unroll.Cli.Output;

namespace Unroll.Cli;

internal sealed class GenerateVerb : Verb
{
    private const int UnknownNamed = 10;
    private const int MostBeams = GenerationOptions.MostBeams;
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
    private readonly Option<string> minP = Taking(
        "--min-p", "P",
        $"sample only among tokens at least P times as likely as the likeliest; 0 = all [default: {Value.Text(Defaults.MinP)}]");
    private readonly Option<string> repetitionPenalty = Taking(
        "--repetition-penalty", "P",
        "make repetitions less likely: of words, a word that has come lately; of characters and bytes, the next one of a passage of 8 that "
            + $"has; 1 = not at all, 1.2 to 2 are usual [default: {Value.Text(Defaults.RepetitionPenalty)}]");
    private readonly Option<string> allow = Taking(
        "--allow", "TEXT", "produce only tokens made of these characters, such as \"a-z .,\"; a hyphen first or last is itself [default: all]");
    private readonly Option<string> beam = Taking(
        "--beam", "K",
        $"look for the likeliest text, K kept side by side, 2 to {MostBeams}; --count N prints the N best [default: no search]");
    private readonly Option<string> lengthPenalty = Taking(
        "--length-penalty", "A",
        $"of --beam: the best text is the one with the highest log P / length^A; 0 favours short ones [default: {Value.Text(Defaults.LengthPenalty)}]");
    private readonly Option<string> count = Taking("--count", "N", "how many texts [default: 1]");
    private readonly Option<string[]> stop = new("--stop")
    {
        HelpName = "TEXT",
        Description = "stop after this text; may be given several times [default: never]",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> seed = Taking("--seed", "N", $"equal seeds give equal texts [default: {Defaults.Seed}]");
    private readonly Option<string[]> report = new("--report")
    {
        HelpName = "[TEXT...]",
        Description = "say how much of the text stands in the training text: in these files, or in what the model's memory of counts has kept of it",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<bool> json = Switch(
        "--json",
        "one JSON object instead of text: samples [{prefix, text, tokens, seconds, logProbability, score, copied {trainingTokens, "
            + "shares [{order, share}], longest {tokens, start, text}}}]");

    public GenerateVerb() : base("generate", "Continues a text with a model. The text appears as it is produced.")
    {
        Arguments.Add(model);
        Group("Options", prefix, length, count, stop, allow, repetitionPenalty, report, memory, threads, json);
        Group("Drawing", temperature, topK, topP, minP, seed);
        Group("Searching", beam, lengthPenalty);
        Examples.Add(("unroll generate model.safetensors --prefix \"time traveller\" --length 50", "the likeliest continuation"));
        Examples.Add(("unroll generate model.safetensors --prefix \"The \" --temperature 0.8 --count 3", "three livelier ones"));
        Examples.Add(("unroll generate names.safetensors --temperature 0.8 --count 20", "twenty names, one a line (unroll train names.txt --documents line)"));
        Examples.Add(("unroll generate model.safetensors --prefix \"The \" --beam 8 --repetition-penalty 2 --stop .", "the likeliest sentence that a search finds"));
        Examples.Add(("unroll generate model.safetensors --temperature 0.8 --report mytext.txt", "how much of it is copied"));
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
        GenerationOptions options = Choices(arguments);
        string start = arguments.GetValue(prefix) ?? "";
        int texts = arguments.GetValue(count) is string number ? Value.Count("--count", number, 1) : 1;
        if (options.Beam > 1 && texts > options.Beam)
            throw new UsageException($"--beam {options.Beam} keeps {options.Beam} texts, fewer than --count {texts}.");
        int workers = Threads(arguments, threads);
        bool asJson = arguments.GetValue(json), reports = arguments.GetResult(report) != null;

        using IDisposable scope = session.Interruption.Gracefully();
        LanguageModel whole = LanguageModel.Load(path), loaded = WithMemory(whole, arguments, memory);
        string[] training = arguments.GetValue(report) ?? [];
        if (reports && training.Length == 0 && !whole.HasMemory)
            throw new UsageException("--report needs the files of the training text, for this model has no memory of counts that holds it.");
        TextSource? source = training.Length > 0 ? TextArguments.Open(training, session) : null;
        if (texts > 1 && options is { Temperature: 0, Beam: 1 })
            session.Terminal.Warn("the likeliest text is always the same; --temperature 0.8 gives different ones.");
        using var generator = new TextGenerator(loaded, workers);
        Check(generator, start, options);
        WarnOfUnknown(generator.UnknownTokens(start), session.Terminal);
        List<GeneratedJson> samples = options.Beam > 1
            ? Find(generator, start, options, texts, asJson ? null : session.Terminal, session.Interruption.Token)
            : Speak(generator, start, options, texts, loaded.Vocabulary.Text.Documents == DocumentKind.Line, asJson ? null : session.Terminal, keep: asJson || reports, session.Interruption);
        if (reports && !session.Interruption.IsRequested)
            samples = Copying.Report(samples, whole, source, asJson, session);
        if (asJson)
            JsonOutput.Write(session.Terminal.Out, new GenerateJson(samples), JsonOutput.Readable.GenerateJson);
        return session.Interruption.IsRequested ? Interruption.ExitCode : 0;
    }

    private GenerationOptions Choices(ParseResult arguments)
    {
        var options = new GenerationOptions
        {
            Length = arguments.GetValue(length) is string tokens ? Value.Count("--length", tokens, 0) : Defaults.Length,
            Temperature = arguments.GetValue(temperature) is string heat ? Value.Number("--temperature", heat, 0) : Defaults.Temperature,
            TopK = arguments.GetValue(topK) is string k ? Value.Count("--top-k", k, 0) : Defaults.TopK,
            TopP = arguments.GetValue(topP) is string p ? Value.Number("--top-p", p, 0, 1) : Defaults.TopP,
            MinP = arguments.GetValue(minP) is string least ? Value.Number("--min-p", least, 0, 1) : Defaults.MinP,
            RepetitionPenalty = arguments.GetValue(repetitionPenalty) is string less
                ? Value.Number("--repetition-penalty", less, 1) : Defaults.RepetitionPenalty,
            AllowedCharacters = arguments.GetValue(allow) ?? Defaults.AllowedCharacters,
            Beam = arguments.GetValue(beam) is string width ? Value.Count("--beam", width, 2, MostBeams) : Defaults.Beam,
            LengthPenalty = arguments.GetValue(lengthPenalty) is string alpha ? Value.Number("--length-penalty", alpha, 0) : Defaults.LengthPenalty,
            StopSequences = [.. (arguments.GetValue(stop) ?? []).Where(text => text.Length > 0)],
            Seed = arguments.GetValue(seed) is string number ? Value.Seed("--seed", number) : Defaults.Seed,
        };
        if (options.Beam > 1 && ((Option[])[temperature, topK, topP, minP, seed]).FirstOrDefault(option => arguments.GetResult(option) != null) is { } drawing)
            throw new UsageException($"--beam looks for the likeliest text and draws nothing: leave out {drawing.Name}.");
        if (options.Beam == 1 && arguments.GetResult(lengthPenalty) != null)
            throw new UsageException("--length-penalty says how --beam compares texts: give --beam too.");
        return options;
    }

    // Options that this model cannot follow, such as an alphabet that it does not write in, are typed wrongly too.
    private static void Check(TextGenerator generator, string prefix, GenerationOptions options)
    {
        try
        {
            generator.Stream(prefix, options); // begins nothing yet
        }
        catch (OptionsException mistake)
        {
            throw new UsageException(mistake.Describe(Flags.Of));
        }
    }

    private static void WarnOfUnknown(IReadOnlyList<string> unknown, Terminal terminal)
    {
        if (unknown.Count == 0)
            return;
        string names = string.Join(", ", unknown.Take(UnknownNamed).Select(token => $"'{VisibleText.Token(token)}'"));
        string rest = unknown.Count > UnknownNamed ? $" and {unknown.Count - UnknownNamed} more" : "";
        terminal.Warn($"the model does not know {names}{rest} in the prefix and reads {Vocabulary.UnknownToken} there.");
    }

    // The best texts of a search, which are known at its end.
    private static List<GeneratedJson> Find(
        TextGenerator generator, string prefix, GenerationOptions options, int texts, Terminal? terminal, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        GeneratedText[] found = [.. generator.Search(prefix, options, cancellationToken).Take(texts)];
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int i = 0; i < found.Length; i++)
        {
            if (texts > 1)
                terminal?.Out.WriteLine($"{(i > 0 ? "\n" : "")}=== {i + 1} of {found.Length}, score {Figures.Precise(found[i].Score ?? 0)} ===");
            Show(prefix, terminal);
            Show(found[i].Text, terminal);
            terminal?.Out.WriteLine();
        }
        return [.. found.Select(text => new GeneratedJson(prefix, text.Text, text.Tokens, seconds, text.LogProbability, text.Score))];
    }

    // Each text by itself, drawn token by token; of a model of lines, one below the other.
    private static List<GeneratedJson> Speak(
        TextGenerator generator, string prefix, GenerationOptions options, int texts, bool lines, Terminal? terminal, bool keep, Interruption interruption)
    {
        var samples = new List<GeneratedJson>();
        for (int sample = 0; sample < texts && !interruption.IsRequested; sample++)
        {
            if (texts > 1 && !lines)
                terminal?.Out.WriteLine($"{(sample > 0 ? "\n" : "")}=== {sample + 1} of {texts} ===");
            samples.Add(Speak(generator, prefix, options with { Sample = (ulong)sample }, terminal, keep, interruption.Token));
        }
        return samples;
    }

    // Writes the prefix and each piece of the continuation at once, unless nobody is to see it before the end. It is kept only if
    // somebody wants it then: a text may go on for ever.
    private static GeneratedJson Speak(
        TextGenerator generator, string prefix, GenerationOptions options, Terminal? terminal, bool keep, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var text = new StringBuilder();
        Show(prefix, terminal);
        try
        {
            foreach (string piece in generator.Stream(prefix, options, cancellationToken))
            {
                if (keep)
                    text.Append(piece);
                Show(piece, terminal);
            }
        }
        catch (OperationCanceledException)
        {
            // What there is so far is worth keeping.
        }
        terminal?.Out.WriteLine();
        terminal?.Out.Flush();
        return new GeneratedJson(prefix, text.ToString(), generator.TokensProduced, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Show(string piece, Terminal? terminal)
    {
        if (terminal == null)
            return;
        terminal.Out.Write(terminal.OutIsTerminal ? VisibleText.Lines(piece) : piece);
        terminal.Out.Flush();
    }
}
