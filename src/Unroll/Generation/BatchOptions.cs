namespace Unroll;

/// <summary>What a <see cref="BatchGenerator"/> may use. Every property has a default.</summary>
public sealed record BatchOptions
{
    internal const int MostSlots = 4096;

    /// <summary>The most texts under way at a time, 1 to 4096. Memory for so many is taken at once.</summary>
    public int Slots { get; init; } = 64;

    /// <summary>The most requests that wait for a slot; one more is refused with a <see cref="QueueFullException"/>. 0 = none waits.</summary>
    public int Queue { get; init; } = 256;

    /// <summary>Bytes of states that are remembered after prefixes, so that the next text with the same beginning starts from there;
    /// of too many those go that nobody has used for longest. 0 = remember nothing.</summary>
    public long RememberedBytes { get; init; } = 64 << 20;

    /// <summary>Threads; 0 = as many as the work is worth. No text depends on it.</summary>
    public int Threads { get; init; }

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Slots >= 1 && Slots <= MostSlots, nameof(Slots), $"must be from 1 to {MostSlots}, not {Slots}.");
        OptionsException.Require(Queue >= 0, nameof(Queue), $"must be at least 0, not {Queue}.");
        OptionsException.Require(RememberedBytes >= 0, nameof(RememberedBytes), $"must be at least 0, not {RememberedBytes}.");
        OptionsException.Require(Threads >= 0, nameof(Threads), $"must be at least 0, not {Threads}.");
    }
}
