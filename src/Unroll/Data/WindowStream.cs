// From a row of ids to minibatches (d2l 8.3.4). Everything is a function of (seed, epoch, minibatch): nothing is
// remembered between calls, so a resumed run reads what an uninterrupted one would have.
namespace Unroll;

/// <summary>The minibatches of an epoch, by number: any epoch and any minibatch can be asked for, in any order.</summary>
public sealed class WindowStream
{
    private readonly TokenIds ids;
    private readonly int batch;
    private readonly int steps;
    private readonly WindowOrder order;
    private readonly ulong seed;

    /// <summary>Windows of T steps in minibatches of B rows.</summary>
    /// <param name="ids">The text.</param>
    /// <param name="batch">Rows of a minibatch, B.</param>
    /// <param name="steps">Steps of a window, T.</param>
    /// <param name="order">How windows are drawn.</param>
    /// <param name="seed">Decides the offsets and orders.</param>
    /// <exception cref="UnrollException">The text is too short for one minibatch at every offset; the message says how much is needed.</exception>
    public WindowStream(TokenIds ids, int batch, int steps, WindowOrder order, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (batch < 1 || steps < 1)
            throw new UnrollException($"A minibatch of {batch} rows and {steps} steps holds nothing: give at least one of each.");
        if (!Enum.IsDefined(order))
            throw new UnrollException($"There is no order of windows with the number {(int)order}: choose sequential, random or reset.");
        (this.ids, this.batch, this.steps, this.order, this.seed) = (ids, batch, steps, order, seed);
        long needed = ((long)batch * steps) + LargestOffset + 1;
        if (ids.Length < needed)
            throw new UnrollException($"The text is too short for a minibatch of {batch} rows of {steps} steps: that needs {needed} tokens, and there are {ids.Length}. "
                + $"Give more text, or choose a smaller {new PropertyName(nameof(TrainingOptions.Batch))} or {new PropertyName(nameof(TrainingOptions.SequenceLength))}.");
    }

    // The book draws from randint(0, T) for sequential and randint(0, T - 1) for random windows, ends included.
    private int LargestOffset => order == WindowOrder.Random ? steps - 1 : steps;

    /// <summary>Prepares an epoch: draws its offset and, for the random order, the order.</summary>
    /// <param name="epoch">Its number, from 0.</param>
    public WindowEpoch Epoch(long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var offsets = new RandomStream(seed, RandomPurpose.WindowOffset, (ulong)epoch);
        return At(epoch, offsets.Below(0, LargestOffset + 1));
    }

    /// <summary>An epoch with a chosen offset.</summary>
    internal WindowEpoch At(long epoch, long offset) =>
        new(ids, batch, steps, order, offset, new RandomStream(seed, RandomPurpose.WindowOrder, (ulong)epoch));
}
