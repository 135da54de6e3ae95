using Unroll.Runs;

namespace Unroll.Cli.Training;

/// <summary>Hands what a trainer reports to the display, the plot, the log, and lets the model speak.</summary>
/// <param name="display">What a person watches.</param>
/// <param name="speaker">Lets the model speak.</param>
/// <param name="plot">The picture, or null.</param>
/// <param name="log">The log, or null.</param>
/// <param name="epochTokens">About how many predictions make an epoch.</param>
/// <param name="makeRoom">Called before the picture is written, so that it does not take an earlier one's place.</param>
internal sealed class TrainingListener(
    TrainingDisplay display, SampleSpeaker speaker, PerplexityPlot? plot, RunLog? log, long epochTokens, Action makeRoom) : IProgress<TrainingReport>
{
    private PerplexityPlot? plot = plot;
    private RunLog? log = log;
    private readonly HashSet<string> noticed = [];

    /// <inheritdoc/>
    public void Report(TrainingReport report)
    {
        Notice(report.Notice);
        display.Show(report);
        Try(ref log, lines => lines.Begin());
        if (report.EndOfEpoch || report.ValidationLoss != null)
        {
            double? validation = report.ValidationLoss is double loss ? Math.Exp(loss) : null;
            plot?.Add(Position(report), report.Perplexity, validation);
            makeRoom();
            Try(ref plot, drawing => drawing.WriteNowAndThen(TimeSpan.FromSeconds(report.Seconds)));
        }
        if (report.EndOfEpoch || report.ValidationLoss != null)
            Try(ref log, lines => lines.Add(report));
        if (!report.EndOfEpoch || !speaker.IsDue(report))
            return;
        string text = speaker.Speak(speaker.Prefix, report.Epoch);
        display.ShowSample(report, speaker.Prefix, text);
        Try(ref log, lines => lines.Add(report, speaker.Prefix, text));
    }

    /// <summary>Tells what is left to tell at the end.</summary>
    public void Finish(TrainingResult result)
    {
        Notice(result.Notice);
        if (result.Summary.Updates > 0)
            Try(ref plot, drawing => drawing.Write());
    }

    // In epochs. An epoch's end lies at its number; what lies within is placed by the predictions made.
    private double Position(TrainingReport report) =>
        report.EndOfEpoch && (report.Epochs != null || report.Fraction < 1)
            ? report.Epoch
            : Math.Clamp((double)report.Tokens / epochTokens, report.Epoch - 1, report.Epoch);

    private void Notice(string? sentence)
    {
        if (sentence != null && noticed.Add(sentence))
            display.Say(sentence);
    }

    // A full disk is no reason to stop a run whose model still has a place.
    private void Try<T>(ref T? part, Action<T> work) where T : class
    {
        if (part == null)
            return;
        try
        {
            work(part);
        }
        catch (Exception exception) when (exception is UnrollException or IOException or UnauthorizedAccessException)
        {
            display.Say($"unroll: warning: {exception.Message}");
            part = null;
        }
    }
}
