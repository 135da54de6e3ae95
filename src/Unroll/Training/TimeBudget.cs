// Turns a time budget into numbers of updates: how many there is time for, as far as the speed so far tells, revised a few
// times, more often towards the end. What is still left then is so little that a machine whose speed changes by a third is
// done within half a hundredth of the budget. What comes after the last update (a measurement, a save, whatever the
// caller does) is set aside from the beginning.
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Plans the updates of a run that is to end at a given time.</summary>
internal sealed class TimeBudget
{
    private const double FirstRevision = 1.0 / 64; // of the time; later ones at twice as much, or halfway to the end
    private const double LastRevision = 1 - 1.0 / 256;

    private readonly RunClock clock;
    private readonly double seconds;
    private readonly double afterwards;
    private double nextRevision;
    private double stretchStart; // since the last revision: when it was, ...
    private double stretchMeasuring; // ... seconds of measuring, ...
    private long stretchUpdates; // ... and updates made before

    /// <param name="clock">The run's.</param>
    /// <param name="budget">How long the run may take in all its parts.</param>
    /// <param name="afterwards">What of it belongs to the caller, after the run.</param>
    /// <param name="updates">Updates made before: a run that is resumed plans anew.</param>
    public TimeBudget(RunClock clock, TimeSpan budget, TimeSpan afterwards, long updates)
    {
        (this.clock, seconds, this.afterwards) = (clock, budget.TotalSeconds, afterwards.TotalSeconds);
        (stretchStart, stretchUpdates) = (clock.SecondsInAll, updates);
        nextRevision = Next(clock.SecondsInAll / Last);
        IsSpent = updates > 0 && clock.SecondsInAll >= Last;
    }

    /// <summary>How much of the budget is over, 0 to 1.</summary>
    public double Fraction => Math.Min(1, clock.SecondsInAll / seconds);

    /// <summary>Whether it is time to end.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Whether the plan should be revised: the speed is known well enough, or again.</summary>
    public bool RevisionDue { get; private set; }

    /// <summary>Seconds of a measurement, as far as known.</summary>
    public double MeasurementSeconds { get; set; }

    /// <summary>Seconds of the last save, as far as known.</summary>
    public double SaveSeconds { get; set; }

    // When the last update must be done, in seconds of the run.
    private double Last => seconds - afterwards - MeasurementSeconds - SaveSeconds;

    /// <summary>Tells how long a measurement took.</summary>
    public void Measured(double seconds)
    {
        MeasurementSeconds = seconds;
        stretchMeasuring += seconds;
    }

    /// <summary>Looks at the clock after an update.</summary>
    public void Look(long updates)
    {
        double now = clock.SecondsInAll, last = Last;
        IsSpent = now >= last;
        RevisionDue = !IsSpent && now >= nextRevision * last && nextRevision <= LastRevision && updates > stretchUpdates
            && now - stretchStart > stretchMeasuring;
    }

    /// <summary>Revises the plan.</summary>
    /// <param name="pace">The plan.</param>
    /// <param name="updates">Updates made.</param>
    /// <param name="measurements">Measurements still to come before the last, at most.</param>
    /// <param name="distance">The least updates between two measurements.</param>
    public void Revise(Pace pace, long updates, long measurements, double distance)
    {
        double now = clock.SecondsInAll, left = Last - now;
        double update = (now - stretchStart - stretchMeasuring) / (updates - stretchUpdates);
        // At their full number or at their least distance, whichever are fewer.
        double count = Math.Max((left - measurements * MeasurementSeconds) / update, left / (update + MeasurementSeconds / distance));
        pace.Revise(updates, updates + (long)Math.Clamp(count, 1, long.MaxValue / 4));
        (stretchStart, stretchUpdates, stretchMeasuring) = (now, updates, 0);
        nextRevision = Next(now / Last);
        RevisionDue = false;
    }

    private static double Next(double done) => done < 0.5 ? Math.Max(done + FirstRevision, Math.Min(2 * done, (1 + done) / 2)) : (1 + done) / 2;
}
