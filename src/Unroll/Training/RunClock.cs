// All that a run does by the clock, but for its time budget: when to report, when to save, how fast it is. None of it can be
// seen in the model. Where ranks share a run, the first one's clock is everybody's: whoever looks sees the same time, and so comes
// to the same decisions.
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>The times of a run.</summary>
internal sealed class RunClock
{
    private const double ReportEvery = 0.1;

    private readonly TimeProvider time;
    private readonly double checkpointEvery;
    private readonly RankGroup? ranks;
    private readonly double secondsBefore;
    private readonly long started;
    private double? seen; // the first rank's time, when all last looked
    private long updateStarted;
    private double reportedAt = double.NegativeInfinity;
    private double savedAt;
    private double epochSeconds;
    private long epochTokens;

    /// <param name="time">What tells the time.</param>
    /// <param name="started">The timestamp from which the run's seconds count; null = now.</param>
    /// <param name="checkpointEvery">Seconds between two saves.</param>
    /// <param name="secondsBefore">What the run took before it was resumed.</param>
    /// <param name="ranks">The ranks that share the run, or null.</param>
    public RunClock(TimeProvider time, long? started, double checkpointEvery, double secondsBefore, RankGroup? ranks = null)
    {
        (this.time, this.checkpointEvery, this.secondsBefore, this.ranks) = (time, checkpointEvery, secondsBefore, ranks);
        this.started = started ?? time.GetTimestamp();
        Look();
        savedAt = ranks.Decide(started is null ? 0 : Seconds);
    }

    /// <summary>Seconds since this run began or was resumed: on several ranks, when they last looked.</summary>
    public double Seconds => seen ?? Elapsed;

    /// <summary>Seconds of the run in all its parts.</summary>
    public double SecondsInAll => secondsBefore + Seconds;

    /// <summary>Seconds that the last save took; null before the first.</summary>
    public double? SaveSeconds { get; private set; }

    /// <summary>Predictions per second of training time, over the epoch under way.</summary>
    public double TokensPerSecond => epochSeconds > 0 ? epochTokens / epochSeconds : 0;

    /// <summary>Whether listeners have waited long enough.</summary>
    public bool ReportDue => Seconds - reportedAt >= ReportEvery;

    /// <summary>Whether the state should be saved after an update.</summary>
    public bool SaveDue => Seconds - savedAt >= checkpointEvery;

    /// <summary>Whether the state should be saved at an epoch's end: always, unless epochs are shorter than a second.</summary>
    public bool SaveDueAtEpochEnd => Seconds - savedAt >= Math.Min(1, checkpointEvery);

    private double Elapsed => time.GetElapsedTime(started).TotalSeconds;

    /// <summary>Lets several ranks see what time it is; they all call it.</summary>
    public void Look() => seen = ranks is null ? null : ranks.Decide(Elapsed);

    /// <summary>Starts an epoch's own counts.</summary>
    public void StartEpoch() => (epochSeconds, epochTokens) = (0, 0);

    /// <summary>Tells that an update begins.</summary>
    public void StartUpdate() => updateStarted = time.GetTimestamp();

    /// <summary>Counts the update that has begun.</summary>
    public void AddUpdate(int tokens)
    {
        epochSeconds += time.GetElapsedTime(updateStarted).TotalSeconds;
        epochTokens += tokens;
    }

    /// <summary>Tells that listeners have been told; the time they took does not count against the next report.</summary>
    public void Reported() => reportedAt = Seconds;

    /// <summary>Tells that the state is saved.</summary>
    /// <param name="since">When that began, in seconds of the run in all its parts.</param>
    public void Saved(double since)
    {
        savedAt = Seconds;
        SaveSeconds = SecondsInAll - since;
    }
}
