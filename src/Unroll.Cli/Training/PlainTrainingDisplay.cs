using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>A run as plain lines, for files, pipes and logs: no escape codes, and not too many lines.</summary>
internal sealed class PlainTrainingDisplay(Terminal terminal) : TrainingDisplay
{
    private const double SecondsBetweenEpochLines = 5;
    private const double SecondsBetweenLines = 30;
    private double lastLine;
    private long lastUpdate = -1;

    public override T Around<T>(Func<T> training) => training();

    public override void Show(TrainingReport report)
    {
        double? left = SecondsLeft(report);
        double silence = report.Seconds - lastLine;
        bool news = report.EndOfEpoch || report.ValidationLoss != null;
        if (silence >= (news ? SecondsBetweenEpochLines : SecondsBetweenLines) || (news && lastUpdate < 0))
            Write(report, left);
    }

    public override void ShowSample(TrainingReport report, string prefix, string text)
    {
        if (report.Update != lastUpdate)
            Write(report, SecondsLeft(report));
        terminal.Error.WriteLine($"  {VisibleText.Line(prefix + text)}");
    }

    public override void Say(string sentence) => terminal.Error.WriteLine(sentence);

    public override void ShowStopping() => terminal.Error.WriteLine("stopping after this step");

    private void Write(TrainingReport report, double? left)
    {
        (lastLine, lastUpdate) = (report.Seconds, report.Update);
        string remaining = left is double seconds && report.Fraction < 1 ? $", {Figures.Time(seconds)} left" : "";
        terminal.Error.WriteLine($"{Position(report)}: {Perplexities(report)}, {Figures.Speed(report.TokensPerSecond)}{remaining}");
    }
}
