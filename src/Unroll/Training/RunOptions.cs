using Unroll.Kernels;

namespace Unroll;

/// <summary>Where a run is kept and what it may use: nothing of it shows in the model. Every property has a default.</summary>
public sealed record RunOptions
{
    /// <summary>The file in which the model and, during the run, its state are kept; null = nowhere.</summary>
    public string? Out { get; init; }

    /// <summary>Go on with the run whose state stands in <see cref="Out"/>; start afresh where there is no such file.</summary>
    public bool Resume { get; init; }

    /// <summary>Time between two saves of an unfinished run; every epoch's end saves too, at most once a second.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Threads; 0 = one per core. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The processes that share the run, each a part of every minibatch's shards; null = this one alone. The result does not
    /// depend on them.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Threads is >= 0 and <= ThreadTeam.Most, nameof(Threads), $"must be between 1 and {ThreadTeam.Most} (or 0 for one per core), not {Threads}.");
        OptionsException.Require(CheckpointEvery >= TimeSpan.Zero, nameof(CheckpointEvery), $"must be at least 0 seconds, not {CheckpointEvery.TotalSeconds}.");
        if (Ranks is { Count: int count } && !int.IsPow2(count))
            throw new UnrollException($"The number of ranks must be a power of two, such as 2, 4 or 8, not {count}: each has an equal part of the shards.");
        OptionsException.Require(!Resume || Out is not null, nameof(Resume), $"needs {new PropertyName(nameof(Out))}: the file in which the run's state stands.");
    }
}
