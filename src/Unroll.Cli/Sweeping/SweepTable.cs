using Spectre.Console;
using Unroll.Cli.Output;

namespace Unroll.Cli.Sweeping;

/// <summary>What came of a sweep: its finished runs, the best first, and what became of the others.</summary>
internal sealed class SweepTable
{
    private readonly SweepPlan plan;
    private readonly IReadOnlyList<(SweepRun Run, TrainingSummary? Summary)> rows;

    public SweepTable(SweepPlan plan)
    {
        this.plan = plan;
        // Sorting keeps the order of what is equal.
        rows = [.. plan.Runs.Select(run => (run, run.State == RunState.Finished ? run.Result?.Summary : null))
            .OrderBy(row => row.Item2 == null).ThenBy(row => row.Item2?.ValidationLoss ?? double.PositiveInfinity).ThenBy(row => row.Item2?.TrainingLoss)];
    }

    /// <summary>The result for programs.</summary>
    public SweepJson Json => new([.. rows.Select(row => new SweepRunJson(
        row.Run.Name, row.Run.State.ToString().ToLowerInvariant(), row.Run.Different.ToDictionary(choice => choice.Option[2..], choice => choice.Value),
        row.Run.Model, row.Run.Log, row.Summary?.Updates, row.Summary?.Tokens, row.Summary == null ? null : row.Run.Seconds,
        Loss(row.Summary?.TrainingLoss), Loss(row.Summary?.ValidationLoss), row.Run.State == RunState.Failed ? Reason(row.Run) : null))]);

    /// <summary>The result for people.</summary>
    public void Write(Terminal terminal)
    {
        if (rows.All(row => row.Summary == null))
            return;
        string[] options = [.. plan.Runs.SelectMany(run => run.Different).Select(choice => choice.Option).Distinct()];
        bool isValidated = rows.Any(row => row.Summary?.ValidationLoss != null);
        Table table = new Table().Border(TableBorder.Simple);
        string[] figures = [.. isValidated ? ["validation", "perplexity"] : Array.Empty<string>(), "training", "updates", "time"];
        foreach (string name in (string[])[.. options.Select(option => option[2..]), .. figures])
            table.AddColumn(new TableColumn(new Text(name)).RightAligned());
        foreach ((SweepRun run, TrainingSummary? summary) in rows.Where(row => row.Summary != null))
        {
            string[] cells =
            [
                .. options.Select(option => run.Different.FirstOrDefault(choice => choice.Option == option) is { } choice ? VisibleText.Line(choice.Value ?? "on") : ""),
                .. isValidated ? [Precise(summary!.ValidationLoss), Perplexity(summary.ValidationLoss)] : Array.Empty<string>(),
                Precise(summary!.TrainingLoss), Figures.Count(summary.Updates), run.Seconds is double seconds ? Figures.Time(seconds) : "",
            ];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
        terminal.OutConsole.Write(table);
        terminal.Out.WriteLine($"best: {rows[0].Run.Model}");
        terminal.Out.Flush();
    }

    /// <summary>How a run ended, in some words.</summary>
    public static string End(SweepRun run) => run.State switch
    {
        RunState.Finished => run.Result?.Summary is not { } summary ? "is finished"
            : summary.ValidationLoss is double loss ? $"is finished: validation {Precise(loss)}, perplexity {Figures.Perplexity(Math.Exp(loss))}"
            : $"is finished: training {Precise(summary.TrainingLoss)}",
        RunState.Stopped => "is stopped",
        _ => $"failed: {Reason(run)}",
    };

    /// <summary>Why a run failed: its own last sentence.</summary>
    public static string Reason(SweepRun run) =>
        run.Line.StartsWith("unroll: ", StringComparison.Ordinal) && !run.Line.StartsWith("unroll: warning", StringComparison.Ordinal) ? run.Line["unroll: ".Length..] : $"it was ended by something else, after \"{run.Line}\"";

    private static LossJson? Loss(double? loss) =>
        loss is double number ? new LossJson(JsonOutput.Finite(number), JsonOutput.Finite(Math.Exp(number))) : null;

    private static string Precise(double? loss) => loss is double number ? number < 1000 ? Figures.Precise(number) : Figures.Perplexity(number) : "";

    private static string Perplexity(double? loss) => loss is double number ? Figures.Perplexity(Math.Exp(number)) : "";
}
