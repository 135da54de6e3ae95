// The curves of a run. They are smoothed with all their points, and thinned for the screen after that, so that smoothing does not depend
// on the screen; the last point is always there.
using Unroll.Web.Runs;

namespace Unroll.Web.Pages.Runs;

/// <summary>What the chart draws of a run.</summary>
/// <param name="Id">Which run; its colour goes by that.</param>
/// <param name="Name">Its name.</param>
/// <param name="Raw">Training, as it was measured.</param>
/// <param name="Smooth">The same, smoothed.</param>
/// <param name="Validation">On the validation text.</param>
internal sealed record RunSeries(string Id, string Name, IReadOnlyList<double[]> Raw, IReadOnlyList<double[]> Smooth, IReadOnlyList<double[]> Validation)
{
    private const int MostPoints = 1000;

    /// <summary>The curves of a run.</summary>
    public static RunSeries Of(ListedRun run, string measure, string against, double smoothing)
    {
        lock (run.Journal)
        {
            double epoch = run.Journal.EpochTokens;
            List<double[]> training = [], validation = [];
            foreach (RunPoint point in run.Journal.Points)
            {
                double x = against switch { "epochs" => point.Tokens / epoch, "minutes" => point.Seconds / 60, _ => point.Tokens };
                if (Value(point.Loss, measure) is double loss)
                    training.Add([x, loss]);
                if (Value(point.ValidationLoss, measure) is double measured)
                    validation.Add([x, measured]);
            }
            return new RunSeries(run.Id, run.Name, Thin(training), Thin(Smoothed(training, smoothing)), Thin(validation));
        }
    }

    /// <summary>A loss in nats as a page shows it.</summary>
    public static double? Value(double? loss, string measure) => measure switch
    {
        "perplexity" => loss is double nats && nats < 700 ? Math.Exp(nats) : null,
        "bits" => loss / Math.Log(2),
        _ => loss,
    };

    // An exponential mean, with its beginning's lack of history made good (Kingma and Ba 2015, section 3).
    private static List<double[]> Smoothed(List<double[]> points, double smoothing)
    {
        var smooth = new List<double[]>(points.Count);
        double mean = 0, weight = 0;
        foreach (double[] point in points)
        {
            mean = smoothing * mean + (1 - smoothing) * point[1];
            weight = smoothing * weight + (1 - smoothing);
            smooth.Add([point[0], mean / weight]);
        }
        return smooth;
    }

    private static List<double[]> Thin(List<double[]> points)
    {
        if (points.Count <= MostPoints)
            return points;
        int step = (points.Count + MostPoints - 1) / MostPoints;
        return [.. points.Where((_, i) => i % step == 0 || i == points.Count - 1)];
    }
}
