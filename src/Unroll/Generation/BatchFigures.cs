namespace Unroll;

/// <summary>What a <see cref="BatchGenerator"/> is doing and has done so far.</summary>
public readonly record struct BatchFigures
{
    /// <summary>Texts that have a slot now, those that wait for their reader included.</summary>
    public int Active { get; init; }

    /// <summary>Requests that wait for a slot now.</summary>
    public int Queued { get; init; }

    /// <summary>Tokens produced.</summary>
    public long TokensProduced { get; init; }

    /// <summary>Tokens of prefixes that were read.</summary>
    public long TokensRead { get; init; }

    /// <summary>Tokens of prefixes that were not read, because the state after them was remembered.</summary>
    public long TokensCached { get; init; }

    /// <summary>Steps made: each gives every text that is ready a token. <see cref="TokensProduced"/> by these is how many went
    /// side by side on the average.</summary>
    public long Steps { get; init; }

    /// <summary>States remembered now.</summary>
    public int RememberedStates { get; init; }

    /// <summary>What they take, in bytes.</summary>
    public long RememberedBytes { get; init; }
}
