using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Checkpoints;
using Spectre.Console;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli.Inspecting;

/// <summary>What is in a model file.</summary>
internal sealed class ModelInspection(string path, Checkpoint checkpoint)
{
    private readonly LanguageModel model = checkpoint.Model;

    /// <summary>The file's content, without the numbers learned, for other programs.</summary>
    public ModelJson Json() => new(
        "model",
        JsonSerializer.SerializeToNode(model.Options, OptionsJson.Readable.ModelOptions)!,
        JsonSerializer.SerializeToNode(model.Vocabulary.Text, OptionsJson.Readable.TextOptions)!,
        model.Parameters.Count, model.Vocabulary.Count,
        [.. model.Parameters.Tensors.Select(tensor => new TensorJson(tensor.Name, tensor.Shape))],
        checkpoint.Summary is { } summary ? JsonSerializer.SerializeToNode(summary, OptionsJson.Readable.TrainingSummary) : null,
        checkpoint.Training != null);

    /// <summary>The file's content for people.</summary>
    public void Write(Terminal terminal, int top)
    {
        var facts = new Facts();
        facts.Say("model", Words.Model(model.Options));
        string size = Figures.Bytes(new FileInfo(path).Length);
        facts.Say("parameters", $"{Figures.Count(model.Parameters.Count)} in {model.Parameters.Tensors.Count} tensors; the file has {size}");
        facts.Say("text", Words.Text(model.Vocabulary.Text));
        facts.Say("vocabulary", $"{Figures.Count(model.Vocabulary.Count)} tokens: "
            + string.Join(' ', model.Vocabulary.Tokens.Take(top).Select(VisibleText.Token)) + (model.Vocabulary.Count > top ? " …" : ""));
        if (checkpoint.Summary is { } summary)
        {
            facts.Say("learned", $"{Figures.Count(summary.Epochs)} epochs, {Figures.Count(summary.Updates)} updates, "
                + $"{Figures.Count(summary.Tokens)} predictions; seed {summary.Seed}");
            facts.Say("perplexity", $"{Figures.Perplexity(Math.Exp(summary.TrainingLoss))} in training"
                + (summary.ValidationLoss is double loss ? $", {Figures.Perplexity(Math.Exp(loss))} on the validation text" : ""));
            if (summary.Options != null)
                facts.Say("training", Words.Training(summary.Options));
        }
        facts.Say("run", checkpoint.Training == null ? "finished"
            : "under way; unroll train with the same text and options and --resume goes on with it");
        facts.Write(terminal.Out, terminal.OutWidth);

        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("parameters").RightAligned());
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
            table.AddRow(new Text(tensor.Name), new Text(string.Join(" × ", tensor.Shape)), new Text(Figures.Count(tensor.Count)));
        terminal.OutConsole.Write(table);
    }
}
