// `unroll evaluate`: how well a model predicts a text.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Evaluating;
using Unroll.Cli.Output;
using Unroll.Prediction;
using Unroll.Ranks;

namespace Unroll.Cli;

internal sealed class EvaluateVerb : Verb
{
    private const int DefaultTop = 20;
    private const int DefaultAlternatives = 3;

    private readonly Argument<string[]> words = new("MODEL TEXT...")
    {
        Description = "a model file, and files, folders, datasets, or - for standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<bool> perLine = Switch(
        "--per-line",
        "every line by itself, the oddest first: by the bits that it takes beyond those that the model expected; odd characters are marked");
    private readonly Option<string> top = Taking("--top", "N", $"with --per-line: how many lines; 0 = all, in the text's order [default: {DefaultTop}]");
    private readonly Option<bool> perToken = Switch(
        "--per-token", "token by token: its probability, its bits, the bits that the model expected, and what was likeliest in its place");
    private readonly Option<string> alternatives = Taking(
        "--alternatives", "K", $"with --per-token: how many of the likeliest tokens [default: {DefaultAlternatives}]");
    private readonly Option<bool> perFile = Switch("--per-file", "a row for each text, and for each file of a folder, instead of one result for all of them joined");
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<bool> adapt = Switch(
        "--adapt",
        "read along: learn from every piece of the text once it is scored (dynamic evaluation); the model file stays as it is");
    private readonly Option<bool> json = Switch(
        "--json",
        "one JSON object instead of a table: tokens, characters, bytes, unknown, loss, perplexity, bitsPerToken, bitsPerCharacter, "
            + "bitsPerByte, networkLoss, tokensPerSecond; with --per-line lines [{line, oddness, bits, expectedBits, tokens, characters, bytes, unknown, "
            + "text, firstToken, each [{token, bits, expectedBits}]}], read, whole; with --per-token tokens [{token, probability, bits, expectedBits, "
            + "likeliest [{token, probability}]}], whole; with --per-file texts [{text, whole}]");

    public EvaluateVerb() : base("evaluate", "Measures how well a model predicts a text: loss in nats, perplexity, bits per token, character and byte.")
    {
        Arguments.Add(words);
        Group("Other results than the whole text's", perLine, top, perToken, alternatives, perFile);
        Group("Options", threads, memory, adapt, json);
        Remarks.Add("The text is read from its first character to its last with the state carried along; every token but the first is predicted. "
            + "The model's own splitting and cleaning apply. Memory does not grow with the text.");
        Remarks.Add("The ranks of an MPI job share files (--per-file), lines (--per-line) and the documents of a text, and print what one process prints. Any other text "
            + "is one rank's work: the first reads, and the others wait.");
        Examples.Add(("unroll evaluate model.safetensors another-book.txt", "how well the model knows another author"));
        Examples.Add(("unroll evaluate model.safetensors new-chapter.txt --adapt", "what a reader expects who remembers what he has read"));
        Examples.Add(("unroll evaluate model.safetensors today.log --per-line --top 10", "the ten oddest lines of a log"));
        Examples.Add(("unroll evaluate model.safetensors a-sentence.txt --per-token", "how likely each character was, and what else was expected"));
        Examples.Add(("unroll evaluate model.safetensors emma.txt persuasion.txt ulysses.txt --per-file", "other books by the same author, and by another"));
        Examples.Add(("mpirun -n 8 --bind-to none unroll evaluate model.safetensors books/ --per-file", "a folder of books, shared among eight ranks"));
        Examples.Add(("mpirun -n 8 --bind-to none unroll evaluate model.safetensors all-days.log --per-line", "a long log's lines, likewise"));
        Examples.Add(("unroll evaluate model.safetensors - --json < log.txt", "from standard input, for a script"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(words) is not [string path, .. string[] texts])
            throw new UsageException("The model file is missing.");
        if (texts.Length == 0)
            throw new UsageException("The text is missing: name a file, a folder, a dataset, or - for standard input.");
        int workers = Threads(arguments, threads) is > 0 and int asked ? asked : session.ThreadsEach;

        string? view = View(arguments);
        int shown = OnlyWith(arguments, top, perLine) is string lines ? Value.Count(top.Name, lines, 0) : DefaultTop;
        int others = OnlyWith(arguments, alternatives, perToken) is string number ? Value.Count(alternatives.Name, number, 0) : DefaultAlternatives;
        bool asJson = arguments.GetValue(json), adapts = arguments.GetValue(adapt);
        if (adapts && view == perLine.Name)
            throw new UsageException($"{perLine.Name} reads every line by itself, and {adapt.Name} learns from what came before; give one of them.");

        LanguageModel Load() => WithMemory(LanguageModel.Load(path), arguments, memory);
        RankGroup? ranks = session.Ranks;
        LanguageModel? first = ranks.IsFirst() ? Load() : null;
        bool isShared = view == perFile.Name || view == perLine.Name || (view == null && ranks.Decide(first != null && Evaluator.IsShared(first, adapts)));
        if (ranks != null && !isShared)
        {
            if (!ranks.IsFirst())
                return 0;
            session.Terminal.Warn($"one text is read from its first token to its last, which is one rank's work: the first rank reads, {Others(ranks)}.");
            // Those that wait leave their cores alone.
            (ranks, workers) = (null, Threads(arguments, threads));
        }
        if (ranks != null && view != perFile.Name && texts.Contains("-"))
            throw new UsageException("Standard input (-) goes to one rank only; name a file that lies on every machine.");
        LanguageModel model = first ?? Load();
        Terminal terminal = session.Terminal;
        using var progress = new CountingLine(terminal, "tokens read");
        if (view == perFile.Name)
        {
            EvaluationResult? Measure(TextSource text)
            {
                using var reading = new CountingLine(terminal, "tokens read");
                return Evaluator.EvaluateIfAny(model, text, workers, adapts, reading, TimeProvider.System, CancellationToken.None);
            }

            IReadOnlyList<(string Name, TextSource Text)> each = TextArguments.OpenEach(texts, session);
            IReadOnlyDictionary<TextSource, EvaluationResult?>? shared = ranks != null ? SharedTexts.Measure(ranks, each, Measure) : null;
            if (!ranks.IsFirst())
                return 0;
            var report = new FileReport(terminal, text => shared is null ? Measure(text) : shared[text]);
            if (asJson)
                report.WriteJson(each);
            else
                report.Write(each);
            return 0;
        }
        TextSource source = TextArguments.Open(texts, session);
        SameInputs.Check(ranks, model, source.Files ?? []);
        if (view == perLine.Name)
        {
            using var scorer = new TextScorer(model, workers);
            var report = new LineReport(terminal, shown, ranks);
            if (asJson)
                report.WriteJson(scorer, source, progress);
            else
                report.Write(scorer, source, progress);
        }
        else if (view == perToken.Name)
        {
            using var reading = new TokenByToken(model, workers, adapts, others);
            var report = new TokenReport(terminal);
            if (asJson)
                report.WriteJson(reading, source);
            else
                report.Write(reading, source);
        }
        else
        {
            EvaluationResult result = Evaluator.Evaluate(model, source, workers, adapts, progress, TimeProvider.System, CancellationToken.None, ranks);
            progress.Dispose();
            if (asJson)
                JsonOutput.Write(terminal.Out, WholeText.Json(result), JsonOutput.Readable.EvaluateJson);
            else
                WholeText.Write(result, terminal);
        }
        return 0;
    }

    private static string Others(RankGroup ranks) => ranks.Count == 2 ? "and the other only waits" : $"and the other {ranks.Count - 1} only wait";

    // The option that says of what the result is; null for the text as a whole.
    private string? View(ParseResult arguments)
    {
        string[] given = [.. new[] { perLine, perToken, perFile }.Where(arguments.GetValue).Select(option => option.Name)];
        return given.Length <= 1
            ? given.FirstOrDefault()
            : throw new UsageException($"{string.Join(" and ", given)} exclude each other; give one of them.");
    }

    private static string? OnlyWith(ParseResult arguments, Option<string> option, Option<bool> with) =>
        arguments.GetValue(option) is not string value || arguments.GetValue(with)
            ? arguments.GetValue(option)
            : throw new UsageException($"{option.Name} {value} means something with {with.Name} only; add it, or leave {option.Name} out.");
}
