using System.Text.Json.Nodes;
using Spectre.Console;
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
        Json(model.Vocabulary.Text, TextOptions.Pass),
        model.Parameters.Count, model.Vocabulary.Count,
        [.. model.Parameters.Tensors.Select(tensor => new TensorJson(tensor.Name, tensor.Shape))],
        file.Summary is { } summary ? Json(summary, TrainingSummary.Pass) : null,
        file.UnderWay);

    /// <summary>The file's content for people.</summary>
    public void Write(Terminal terminal, int top)
    {
        var facts = new Facts();
        facts.Say("model", Words.Model(model.Options));
        string size = Figures.Bytes(new FileInfo(path).Length);
        facts.Say("parameters", $"{Figures.Count(model.Parameters.Count)} in {model.Parameters.Tensors.Count} tensors; the file has {size}");
        facts.Say("text", Words.Text(model.Vocabulary.Text) + (file.Summary?.Corpus is { } part ? Words.Part(part) : ""));
        facts.Say("vocabulary", $"{Figures.Count(model.Vocabulary.Count)} tokens: "
            + string.Join(' ', model.Vocabulary.Tokens.Take(top).Select(VisibleText.Token)) + (model.Vocabulary.Count > top ? " …" : ""));
        if (file.Summary is { } summary)
        {
            facts.Say("learned", $"{Figures.Count(summary.Epochs)} epochs, {Figures.Count(summary.Updates)} updates, "
                + $"{Figures.Count(summary.Tokens)} predictions; seed {summary.Seed}");
            facts.Say("perplexity", $"{Figures.Perplexity(Math.Exp(summary.TrainingLoss))} in training"
                + (summary.ValidationLoss is double loss ? $", {Figures.Perplexity(Math.Exp(loss))} on the validation text" : ""));
            if (summary.Training is { } training)
                facts.Say("training", Words.Training(training));
        }
        facts.Say("run", !file.UnderWay ? "finished"
            : file.CanBeResumed ? "under way; unroll train with the same text and --resume goes on with it"
            : "unfinished, begun by Unroll 0.1: it cannot be resumed");
        facts.Write(terminal.Out, terminal.OutWidth);

        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("parameters").RightAligned());
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
            table.AddRow(new Text(tensor.Name), new Text(string.Join(" × ", tensor.Shape)), new Text(Figures.Count(tensor.Count)));
        terminal.OutConsole.Write(table);
    }

    private static JsonNode Json<T>(T record, Func<T, OptionsPass, T> visit) => JsonNode.Parse(OptionsWriter.Write(record, visit))!;
}
