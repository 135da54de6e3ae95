namespace Unroll.Training;

/// <summary>What a run's caller adds to it, beside the options.</summary>
internal sealed record RunCaller
{
    /// <summary>What tells the time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The timestamp from which the run's seconds, and its time budget, count: a program's start; null = the run's own.</summary>
    public long? Started { get; init; }

    /// <summary>What of a time budget the caller needs after the run.</summary>
    public TimeSpan Afterwards { get; init; }

    /// <summary>Called when all networks are finished, before the model is saved: may add to it, and to what the file says of it.</summary>
    public Func<TrainingSummary, TrainingSummary>? Finishing { get; init; }

    /// <summary>Called once, before the run's file is written for the first time.</summary>
    public Action? BeforeFirstWrite { get; init; }
}
