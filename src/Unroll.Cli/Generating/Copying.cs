using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli.Generating;

/// <summary>Says how much of what was generated stands in the training text.</summary>
internal static class Copying
{
    /// <summary>Compares generated texts with the training text, and shows what was found.</summary>
    /// <param name="samples">The texts.</param>
    /// <param name="model">The model, with its memory if it has one.</param>
    /// <param name="training">The training text; null = what the model's memory has kept of it.</param>
    /// <param name="quiet">Whether nothing is shown.</param>
    /// <param name="session">The terminal, and who may interrupt.</param>
    /// <returns>The texts with what was found.</returns>
    public static List<GeneratedJson> Report(List<GeneratedJson> samples, LanguageModel model, TextSource? training, bool quiet, Session session)
    {
        string[] texts = [.. samples.Select(sample => sample.Text)];
        IReadOnlyList<CopyReport> reports;
        using (var progress = new CountingLine(session.Terminal, "tokens of the training text read"))
        {
            reports = training is null ? CopyReport.Of(texts, model)
                : CopyReport.Of(texts, model.Vocabulary, training, progress, session.Interruption.Token);
        }
        string kind = Words.Tokens(model.Vocabulary.Text);
        for (int i = 0; !quiet && i < reports.Count; i++)
        {
            session.Terminal.Out.WriteLine();
            if (reports.Count > 1)
                session.Terminal.Out.WriteLine($"=== {i + 1} of {reports.Count} ===");
            Show(reports[i], kind, training is null ? "that the model's memory has kept" : "", session.Terminal);
        }
        return [.. samples.Zip(reports, (sample, report) => sample with { Copied = Json(report) })];
    }

    private static CopiedJson Json(CopyReport report) => new(
        report.TrainingTokens, [.. report.Shares.Select(share => new ShareJson(share.Order, share.Share))],
        new RunJson(report.LongestTokens, report.LongestStart, report.Longest));

    private static void Show(CopyReport report, string kind, string remark, Terminal terminal)
    {
        var table = new Facts();
        table.Add("training text", Figures.Count(report.TrainingTokens), $"{kind} {remark}");
        foreach ((int order, double? share) in report.Shares)
        {
            if (share is double known)
                table.Add($"runs of {order}", Figures.Percent(known), $"of all runs of {order} {kind} stand in it");
        }
        table.Add("longest run", Figures.Count(report.LongestTokens), report.LongestTokens == 0 ? "" : $"from {Figures.Count(report.LongestStart + 1)} on: \"{VisibleText.Line(report.Longest)}\"");
        table.Write(terminal.Out, terminal.OutWidth);
    }
}
