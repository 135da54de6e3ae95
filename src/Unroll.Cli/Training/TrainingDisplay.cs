using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>Shows a run while it goes on: live where a person looks at a screen, as plain lines elsewhere.</summary>
internal abstract class TrainingDisplay
{
    private (double Seconds, double Fraction)? start;

    /// <summary>The display that suits whoever reads standard error.</summary>
    public static TrainingDisplay For(Terminal terminal) =>
        terminal.ErrorIsLive ? new LiveTrainingDisplay(terminal) : new PlainTrainingDisplay(terminal);

    /// <summary>Runs the training with the display around it.</summary>
    public abstract T Around<T>(Func<T> training);

    /// <summary>Takes a report.</summary>
    public abstract void Show(TrainingReport report);

    /// <summary>Shows what the model says now.</summary>
    public abstract void ShowSample(TrainingReport report, string prefix, string text);

    /// <summary>Says something once.</summary>
    public abstract void Say(string sentence);

    /// <summary>Says that the run ends after the present step.</summary>
    public abstract void ShowStopping();

    /// <summary>Seconds left, as far as the run so far tells; null at its very beginning.</summary>
    protected double? SecondsLeft(TrainingReport report)
    {
        // A resumed run begins in the middle: only what it did itself tells its speed.
        start ??= (report.Seconds, report.Fraction);
        double done = report.Fraction - start.Value.Fraction;
        return done > 0 ? (report.Seconds - start.Value.Seconds) * (1 - report.Fraction) / done : null;
    }

    /// <summary>Where the run stands, such as "epoch 3 of 20".</summary>
    protected static string Position(TrainingReport report) =>
        report.Epochs is long epochs ? $"epoch {Figures.Count(report.Epoch)} of {Figures.Count(epochs)}" : $"epoch {Figures.Count(report.Epoch)}";

    /// <summary>The perplexities known now.</summary>
    protected static string Perplexities(TrainingReport report) =>
        $"perplexity {Figures.Perplexity(report.Perplexity),5}"
        + (report.ValidationLoss is double loss ? $", validation {Figures.Perplexity(Math.Exp(loss))}{Alone(report)}" : "");

    /// <summary>The validation perplexities of a model's networks, each the best of its own so far, such as " (alone 4.21 4.25)"; empty
    /// of one network.</summary>
    protected internal static string Alone(TrainingReport report)
    {
        string[] each = [.. report.Networks.Select(network => network.BestValidationLoss is double loss ? Figures.Perplexity(Math.Exp(loss)) : "–")];
        return each.Length == 0 ? "" : $" (alone {string.Join(' ', each)})";
    }
}
