// Tells a run that has blown up from one that merely stumbles. A uniform guess costs ln V; a loss far above that, or back
// above it after the model knew better, is no learning any more. Spikes come and go in good runs, so it takes many bad
// updates, not outweighed by good ones.
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Watches the losses of a run.</summary>
internal sealed class DivergenceGuard
{
    private const int Patience = 50;

    /// <summary>Bad updates, less the good ones since.</summary>
    public int Strikes { get; set; }

    /// <summary>The loss, smoothed over some twenty updates; null before the first.</summary>
    public double? Smoothed { get; set; }

    /// <summary>The lowest the smoothed loss has been.</summary>
    public double Lowest { get; set; } = double.MaxValue;

    /// <summary>Takes an update's loss.</summary>
    /// <param name="loss">A finite loss.</param>
    /// <param name="uniformLoss">ln V: what a uniform guess costs.</param>
    /// <returns>Whether the run has diverged.</returns>
    public bool Add(double loss, double uniformLoss)
    {
        bool bad = loss > 1.5 * uniformLoss + 1 || (Lowest < 0.6 * uniformLoss && loss > 1.1 * uniformLoss);
        Strikes = bad ? Strikes + 1 : Math.Max(0, Strikes - 1);
        double smoothed = Smoothed is { } before ? before + 0.05 * (loss - before) : loss;
        (Smoothed, Lowest) = (smoothed, Math.Min(Lowest, smoothed));
        return Strikes >= Patience;
    }

    /// <summary>The guard as a file keeps it.</summary>
    public static DivergenceGuard Pass(DivergenceGuard guard, OptionsPass pass) => new()
    {
        Strikes = pass.Count("strikes", nameof(Strikes), guard.Strikes),
        Smoothed = pass.Number("smoothed", nameof(Smoothed), guard.Smoothed),
        Lowest = pass.Number("lowest", nameof(Lowest), guard.Lowest),
    };
}
