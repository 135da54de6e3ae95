using System.Text.Json.Nodes;
using Spectre.Console;
using Unroll.Checkpoints;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Options;

namespace Unroll.Cli.Inspecting;

/// <summary>What is in a model file.</summary>
internal sealed class ModelInspection(string path, CheckpointMetadata file, LanguageModel model)
{
    /// <summary>The file's content, without the numbers learned, for other programs.</summary>
    public ModelJson Json() => new(
        "model",
        Json(model.Options, ModelOptions.Pass),
        [.. model.Members.Skip(1).Select(member => Json(member.Options, ModelOptions.Pass))],
        Json(model.Vocabulary.Text, TextOptions.Pass),
        model.ParameterCount, model.Vocabulary.Count, model.Fingerprint(),
        [.. Tensors().Select(entry => new TensorJson(entry.Name, entry.Tensor.Shape))],
        file.Summary is { } summary ? Json(summary, TrainingSummary.Pass) : null,
        file.UnderWay);

    /// <summary>Writes the model's byte pairs for other programs.</summary>
    /// <param name="to">The file; nothing that is there is replaced.</param>
    public void SaveTokenizer(string to)
    {
        if (Path.Exists(to))
            throw new UnrollException($"{to} is there already and stays as it is; name another file with --tokenizer.");
        model.Vocabulary.SaveTokenizer(to);
    }

    /// <summary>The file's content for people.</summary>
    public void Write(Terminal terminal, int top)
    {
        var facts = new Facts();
        bool fromRandom = file.Summary is { From: null }; // how a model was made that came from elsewhere, or went on from another, nobody knows
        bool alike = model.Members.All(member => member.Options == model.Options);
        if (alike)
            facts.Say("model", Words.Networks(model.Members.Count) + Words.Model(model.Options, fromRandom));
        for (int i = 0; !alike && i < model.Members.Count; i++)
            facts.Say($"network {i + 1}", $"{Words.Model(model.Members[i].Options, fromRandom)}: {Figures.Count(model.Members[i].Parameters.Count)} parameters");
        string size = Figures.Bytes(new FileInfo(path).Length);
        facts.Say("parameters", $"{Figures.Count(model.ParameterCount)} in {Tensors().Count()} tensors; the file has {size}");
        if (model.MemoryTokens is > 0 and int counted)
            facts.Say("memory", $"counts of the last {Figures.Count(counted)} tokens of its training text, which the file keeps");
        facts.Say("text", Words.Text(model.Vocabulary.Text) + (file.Summary?.Corpus is { } part ? Words.Part(part) : ""));
        facts.Say("vocabulary", $"{Figures.Count(model.Vocabulary.Count)} tokens: "
            + string.Join(' ', model.Vocabulary.Tokens.Take(top).Select(VisibleText.Token)) + (model.Vocabulary.Count > top ? " …" : ""));
        if (file.Summary is { } summary)
        {
            facts.Say("learned", $"{Figures.Count(summary.Epochs)} epochs, {Figures.Count(summary.Updates)} updates, "
                + $"{Figures.Count(summary.Tokens)} predictions; seed {summary.Seed}");
            facts.Say("perplexity", $"{Figures.Perplexity(Math.Exp(summary.TrainingLoss))} in training"
                + (summary.ValidationLoss is double loss ? $", {Figures.Perplexity(Math.Exp(loss))} on the validation text" : "")
                + (summary.NetworkLoss is double alone ? $", {Figures.Perplexity(Math.Exp(alone))} by one network alone" : ""));
            if (summary.Training is { } training)
                facts.Say("training", Words.Training(training));
            if (summary.From is string origin)
                facts.Say("from", $"went on from the model with the fingerprint {origin}");
        }
        facts.Say("fingerprint", model.Fingerprint());
        facts.Say("run", !file.UnderWay ? "finished"
            : file.CanBeResumed ? "under way; unroll train with the same text and --resume goes on with it"
            : "unfinished, begun by Unroll 0.1: it cannot be resumed");
        facts.Write(terminal.Out, terminal.OutWidth);

        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("parameters").RightAligned());
        foreach ((string name, ParameterTensor tensor) in Tensors())
            table.AddRow(new Text(name), new Text(string.Join(" × ", tensor.Shape)), new Text(Figures.Count(tensor.Count)));
        terminal.OutConsole.Write(table);
    }

    // Under the names that they have in the file.
    private IEnumerable<(string Name, ParameterTensor Tensor)> Tensors() =>
        model.Members.SelectMany((member, i) => member.Parameters.Tensors.Select(tensor => (TorchLayout.MemberPrefix(i) + tensor.Name, tensor)));

    private static JsonNode Json<T>(T record, Func<T, OptionsPass, T> visit) => JsonNode.Parse(OptionsWriter.Write(record, visit))!;
}
