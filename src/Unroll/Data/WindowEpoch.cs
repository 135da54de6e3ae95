using System.Buffers;
using Unroll.Data;

namespace Unroll;

/// <summary>One epoch's minibatches.</summary>
public sealed class WindowEpoch
{
    private readonly TokenIds ids;
    private readonly int batch;
    private readonly int steps;
    private readonly WindowOrder order;
    private readonly long offset;
    private readonly long rowLength; // of the B rows that sequential order cuts the text into
    private readonly Permutation? shuffle; // of the windows, in random order

    internal WindowEpoch(TokenIds ids, int batch, int steps, WindowOrder order, long offset, RandomStream random)
    {
        (this.ids, this.batch, this.steps, this.order, this.offset) = (ids, batch, steps, order, offset);
        long inputs = ids.Length - offset - 1; // the last id is a target only
        if (order == WindowOrder.Random)
        {
            long windows = inputs / steps;
            shuffle = new Permutation(random, windows);
            Count = windows / batch;
        }
        else
        {
            rowLength = inputs / batch;
            Count = rowLength / steps;
        }
    }

    /// <summary>The number of minibatches.</summary>
    public long Count { get; }

    /// <summary>Whether a minibatch starts from a zero state: the first always, in random and reset order every one.</summary>
    public bool StartsFresh(long index) => index == 0 || order != WindowOrder.Sequential;

    /// <summary>Reads a minibatch, time-major: element [t, b] is at t·B + b. Allocates nothing; may be called from several threads at once.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="inputs">[T, B] ids.</param>
    /// <param name="targets">[T, B] ids: the inputs one step later.</param>
    public void Read(long index, Span<int> inputs, Span<int> targets)
    {
        if (index < 0 || index >= Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The epoch has {Count} minibatches.");
        if (inputs.Length != batch * steps || targets.Length != batch * steps)
            throw new ArgumentException($"A minibatch has {steps} x {batch} inputs and as many targets, not {inputs.Length} and {targets.Length}.");
        int[] rented = ArrayPool<int>.Shared.Rent(steps + 1);
        try
        {
            Span<int> window = rented.AsSpan(0, steps + 1);
            for (int b = 0; b < batch; b++)
            {
                ids.Read(Start(index, b), window);
                for (int t = 0; t < steps; t++)
                {
                    inputs[(t * batch) + b] = window[t];
                    targets[(t * batch) + b] = window[t + 1];
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private long Start(long index, int row) => shuffle is not null
        ? offset + (shuffle[(index * batch) + row] * steps)
        : offset + (row * rowLength) + (index * steps);
}
