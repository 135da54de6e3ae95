namespace Unroll.Cli.Sweeping;

/// <summary>A sweep as asked for.</summary>
internal sealed record SweepPlan
{
    /// <summary>The runs, in the order in which they begin.</summary>
    public required IReadOnlyList<SweepRun> Runs { get; init; }

    /// <summary>The folder for all that the runs write.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Runs at a time.</summary>
    public required int AtOnce { get; init; }

    /// <summary>Threads of all together.</summary>
    public required int Threads { get; init; }

    /// <summary>Which of several processes with the same sweep this is, where a launcher has started them; null = started by itself.</summary>
    public required int? Rank { get; init; }

    /// <summary>Whether the result is one JSON object.</summary>
    public required bool Json { get; init; }

    /// <summary>Threads of the runs in a place: as even a share as there is, at least one.</summary>
    public int ThreadsOf(int place) => Math.Max(1, (Threads / AtOnce) + (place < Threads % AtOnce ? 1 : 0));
}
