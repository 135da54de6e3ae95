// `unroll export`: a model leaves for somewhere else.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Exporting;
using Unroll.Cli.Output;
using Unroll.Files;

namespace Unroll.Cli;

internal sealed class ExportVerb : Verb
{
    private static readonly WebPageOptions Defaults = new();

    private readonly Argument<string[]> model = new("MODEL")
    {
        Description = "a model file that unroll train wrote",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> html = Taking(
        "--html", "FILE", "write one web page that holds the model and needs nothing else: it writes, shows what it expects, and reads what one pastes");
    private readonly Option<string> onnx = Taking(
        "--onnx", "FILE", "write the networks as ONNX, with their states as inputs and outputs, for ONNX Runtime and others");
    private readonly Option<string> bits = Taking("--bits", "8|16", $"of --html: bits of a weight [default: {Defaults.Bits}]");
    private readonly Option<string> size = Taking(
        "--size", "BYTES", $"of --html: the most that the page may have, such as 5MB; what does not fit is left out, and said [default: {Defaults.Size / 1_000_000}MB]");
    private readonly Option<string[]> check = new("--check")
    {
        HelpName = "TEXT...",
        Description = "measure on a text what the model loses: " + TextArguments.Description,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<bool> json = Switch(
        "--json", "one JSON object instead of a table: html {file, bytes, bits, networks, leftOut {memoryTokens, networks, ngrams}, check {tokens, loss, exportedLoss}}, onnx {file, bytes, networks, leftOutMemoryTokens, check}");

    public ExportVerb() : base("export", "Makes something of a model that works without Unroll: a web page, or ONNX.")
    {
        Arguments.Add(model);
        Group("What to make (both may be named)", html, onnx);
        Group("Options", bits, size, check, threads, json);
        Examples.Add(("unroll export model.safetensors --html model.html", "a page to open by double-click, or to send to a friend"));
        Examples.Add(("unroll export model.safetensors --html model.html --bits 8 --check another-book.txt", "half as large, and what that costs in nats"));
        Examples.Add(("unroll export model.safetensors --onnx model.onnx", "for programs that run ONNX"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        string path = arguments.GetValue(model) switch
        {
            [string only] => only,
            [_, string extra, ..] => throw new UsageException($"Unexpected argument '{extra}': export takes one model."),
            _ => throw new UsageException("The model file is missing."),
        };
        (string? page, string? graph) = (arguments.GetValue(html), arguments.GetValue(onnx));
        if (page is null && graph is null)
            throw new UsageException("There is nothing to make: name a file with --html or --onnx.");
        if (page is null && (arguments.GetValue(bits) ?? arguments.GetValue(size)) is not null)
            throw new UsageException("--bits and --size are those of a page: name its file with --html.");
        var options = new WebPageOptions
        {
            Bits = arguments.GetValue(bits) switch
            {
                null => Defaults.Bits,
                "8" => 8,
                "16" => 16,
                string other => throw new UsageException($"{bits.Name} takes 8 or 16, not '{other}'."),
            },
            Size = arguments.GetValue(size) is string most ? Value.Bytes(size.Name, most) : Defaults.Size,
        };
        try
        {
            options.Validate();
        }
        catch (OptionsException mistake)
        {
            throw new UsageException(mistake.Describe(Flags.Of));
        }
        int workers = Threads(arguments, threads);
        string[] texts = arguments.GetValue(check) ?? [];
        if (texts.Contains("-"))
            throw new UsageException("--check reads its text twice, which standard input (-) does not allow: name a file.");
        CheckFiles(path, page, graph, texts);

        LanguageModel loaded = LanguageModel.Load(path);
        var measured = new Dictionary<LanguageModel, EvaluationResult>(); // both exports ask for the whole model's
        Func<LanguageModel, EvaluationResult>? measure = texts.Length == 0 ? null : Evaluate;
        var made = new ExportJson(
            page is null ? null : new WebPageExport(page, options).Write(loaded, Path.GetFileNameWithoutExtension(path), measure),
            graph is null ? null : OnnxExport.Write(loaded, graph, measure));
        if (arguments.GetValue(json))
        {
            JsonOutput.Write(session.Terminal.Out, made, JsonOutput.Readable.ExportJson);
            return 0;
        }
        if (made.Html is not null)
            WebPageExport.Show(made.Html, session.Terminal);
        if (made.Onnx is not null)
            OnnxExport.Show(made.Onnx, session.Terminal);
        return 0;

        EvaluationResult Evaluate(LanguageModel one)
        {
            if (measured.TryGetValue(one, out EvaluationResult? known))
                return known;
            using var progress = new CountingLine(session.Terminal, "tokens read");
            return measured[one] = Evaluator.Evaluate(one, TextArguments.Open(texts, session), workers, progress: progress, cancellationToken: session.Interruption.Token);
        }
    }

    // Looked at before the model is: an export replaces an earlier one and nothing else.
    private void CheckFiles(string model, string? page, string? graph, string[] texts)
    {
        foreach ((Option<string> flag, string? file) in ((Option<string>, string?)[])[(html, page), (onnx, graph)])
        {
            if (file is null)
                continue;
            if (FirstLook.IsSame(file, model))
                throw new UsageException($"{flag.Name} {file} would replace the model: name another file.");
            if (texts.FirstOrDefault(text => FirstLook.IsSame(file, text)) is string same)
                throw new UsageException($"{flag.Name} names the text itself, {same}; name another file.");
        }
        if (page is not null && graph is not null && FirstLook.IsSame(page, graph))
            throw new UsageException($"--html and --onnx name one file, {page}: name two.");
        if (page is not null)
            OwnFile.Check(html.Name, page, WebPageExport.IsOne, "a page that Unroll made", "name another file with --html");
        if (graph is not null)
            OwnFile.Check(onnx.Name, graph, OnnxExport.IsOne, "an ONNX file that Unroll wrote", "name another file with --onnx");
    }
}
