// `unroll import`: a model that was learned in PyTorch comes here.
using System.CommandLine;
using System.Text.Json.Nodes;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Files;
using Unroll.Options;

namespace Unroll.Cli;

internal sealed class ImportVerb : Verb
{
    private const string DefaultOut = "model.safetensors";

    private readonly Argument<string[]> file = new("FILE")
    {
        Description = "a safetensors file with an embedding (or none), an RNN, GRU or LSTM of torch.nn and a linear layer, in 32, 16 or bfloat16 bits",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> output = Taking("--out", "FILE", $"where the model goes; a file that is there stays [default: {DefaultOut}]");

    private readonly IReadOnlyList<Setting<ImportOptions>> settings =
    [
        new("--vocabulary", "FILE", "the tokens: a JSON array in the order of their ids, or an object from token to id, as Hugging Face's vocab.json [default: vocabulary or vocab in the file's metadata]",
            (options, text) => options with { Vocabulary = text }, options => options.Vocabulary ?? ""),
        new("--tokens", "character|word|byte|bpe", "what a token is [default: as they look]",
            (options, text) => options with { Tokens = Value.Choice<TokenKind>("--tokens", text) }, options => $"{options.Tokens}"),
        new("--clean", "none|textbook", "textbook: the training text was only letters, in lower case, and single spaces, as in the book [default: none]",
            (options, text) => options with { Clean = Value.Choice<Cleaning>("--clean", text) }, options => $"{options.Clean}"),
        new("--documents", "none|line|file", "every line, or every file, was a document, which ended with <end> [default: none]",
            (options, text) => options with { Documents = Value.Choice<DocumentKind>("--documents", text) }, options => $"{options.Documents}"),
        new("--cell", "rnn|gru|lstm|cifg", "the kind of recurrent cell; only a CIFG must be named, which has a GRU's shapes [default: as the shapes say]",
            (options, text) => options with { Cell = Value.Choice<CellKind>("--cell", text) }, options => $"{options.Cell}"),
        new("--activation", "tanh|relu", "of an RNN: its nonlinearity [default: tanh]",
            (options, text) => options with { Activation = Value.Choice<Activation>("--activation", text) }, options => $"{options.Activation}"),
        new("--reset-gate", "after|before", "of a GRU: where its reset gate is applied, after the recurrent product as in PyTorch or before it [default: after]",
            (options, text) => options with { ResetGate = Value.Choice<ResetGate>("--reset-gate", text) }, options => $"{options.ResetGate}"),
    ];
    private readonly Option<bool> json = Switch(
        "--json", "one JSON object instead of a table: model, options, text, parameters, vocabulary, hadUnknown, tensors [{name, from}]");

    public ImportVerb() : base("import", "Makes a model of a safetensors file from PyTorch and a vocabulary.")
    {
        Arguments.Add(file);
        Group("What the tensors do not tell", [.. settings.Select(setting => setting.Option)]);
        Group("Options", output, json);
        Examples.Add(("unroll import lstm.safetensors --vocabulary vocab.json", "a model that the other verbs take"));
        Examples.Add(("unroll import rnn.safetensors --vocabulary vocab.json --activation relu --out mine.safetensors", "what shapes do not tell is said"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        string path = arguments.GetValue(file) switch
        {
            [string only] => only,
            [_, string extra, ..] => throw new UsageException($"Unexpected argument '{extra}': import takes one file."),
            _ => throw new UsageException("The file to import is missing."),
        };
        string to = arguments.GetValue(output) is string given and not "" ? given : DefaultOut;
        ImportOptions options = settings.Aggregate(new ImportOptions(), (changed, setting) => setting.Apply(changed, arguments));
        if (FirstLook.IsSame(path, to))
            throw new UsageException($"{to} is the file to import and stays as it is: name another one with --out.");
        if (Path.Exists(to))
            throw new UnrollException($"{to} is there already and stays as it is; name another file with --out.");
        AtomicFile.Check(to);

        ImportedModel imported = ImportedModel.Read(path, options);
        imported.Model.Save(to);
        if (arguments.GetValue(json))
            JsonOutput.Write(session.Terminal.Out, Json(to, imported), JsonOutput.Readable.ImportJson);
        else
            Show(to, imported, session.Terminal);
        return 0;
    }

    private static ImportJson Json(string to, ImportedModel imported) => new(
        to, JsonNode.Parse(OptionsWriter.Write(imported.Model.Options, ModelOptions.Pass))!, JsonNode.Parse(OptionsWriter.Write(imported.Model.Vocabulary.Text, TextOptions.Pass))!,
        imported.Model.ParameterCount, imported.Model.Vocabulary.Count, imported.HadUnknown, [.. imported.Tensors.Select(entry => new ImportedTensorJson(entry.Key, entry.Value))]);

    private static void Show(string to, ImportedModel imported, Terminal terminal)
    {
        LanguageModel model = imported.Model;
        var facts = new Facts();
        facts.Say("model", Words.Model(model.Options, fromRandom: false));
        facts.Say("parameters", Figures.Count(model.ParameterCount));
        facts.Say("text", Words.Text(model.Vocabulary.Text));
        facts.Say("vocabulary", $"{Figures.Count(model.Vocabulary.Count)} tokens" + (imported.HadUnknown ? "" : $", with {Vocabulary.UnknownToken} added for unknown ones"));
        string[] renamed = [.. imported.Tensors.Where(entry => entry.Key != entry.Value).Select(entry => Module(entry.Value, entry.Key)).Distinct()];
        if (renamed.Length > 0)
            facts.Say("taken", string.Join(", ", renamed));
        facts.Say("written to", to);
        facts.Write(terminal.Out, terminal.OutWidth);
        if (model.Vocabulary.Text is { Tokens: TokenKind.Word, Clean: Cleaning.None } && !model.Vocabulary.Tokens.Any(string.IsNullOrWhiteSpace))
            terminal.Note("the vocabulary has no token of white space, which a text of words has between them: each will be <unk>");
    }

    // What of two names is different: such as "lstm as rnn".
    private static string Module(string from, string name)
    {
        string[] before = from.Split('.'), now = name.Split('.');
        int same = 1; // the tensor's own name always is
        while (same < before.Length && same < now.Length - 1 && before[^(same + 1)] == now[^(same + 1)])
            same++;
        string module = string.Join('.', before[..^same]);
        return $"{(module.Length > 0 ? module : "(no name)")} as {string.Join('.', now[..^same])}";
    }
}
