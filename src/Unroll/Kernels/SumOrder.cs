// In which order the rows of a minibatch are added up in gradients and losses. The batch's rows are divided into S shards; a
// shard's sum is one chain over its rows (t, b), t before b; the shards' sums are added as a balanced binary tree:
//     ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))        for S = 8; S = 1 is one chain over all.
// S belongs to the run. Whoever computes whole, neighbouring shards (a thread, a machine: BatchShare) has a subtree, so how many
// share the work never shows. Where row (t, b) lies in memory is the planes' business and is told here as a number.
namespace Unroll.Kernels;

/// <summary>The rows of planes [T·B, ·] in the order of their sums.</summary>
internal sealed class SumOrder
{
    private readonly int[] rows;
    private readonly int[] starts;

    /// <param name="share">Whose rows and shards.</param>
    /// <param name="steps">T.</param>
    /// <param name="rowOf">Which row of the planes (t, b) is.</param>
    public SumOrder(BatchShare share, int steps, Func<int, int, int> rowOf)
    {
        (Shards, rows, starts) = (share.Shards, new int[share.Rows * steps], new int[share.Shards + 1]);
        int count = 0;
        for (int shard = 0; shard < Shards; shard++)
        {
            (int first, int end) = share.RowsOfShard(shard);
            for (int t = 0; t < steps; t++)
                for (int b = first; b < end; b++)
                    rows[count++] = rowOf(t, b);
            starts[shard + 1] = count;
        }
    }

    /// <summary>An order over some of the rows, others for every minibatch.</summary>
    /// <param name="shards">S.</param>
    /// <param name="most">How many at most.</param>
    public SumOrder(int shards, int most) => (Shards, rows, starts) = (shards, new int[most], new int[shards + 1]);

    /// <summary>Takes the rows where a token stands.</summary>
    /// <param name="order">A minibatch's rows by token.</param>
    /// <param name="token">The token.</param>
    /// <param name="places">[T·B]: what each row is called here.</param>
    public void Choose(TokenOrder order, int token, ReadOnlySpan<int> places)
    {
        int count = 0;
        for (int shard = 0; shard < Shards; shard++)
        {
            foreach (int row in order.RowsOf(token, shard))
                rows[count++] = places[row];
            starts[shard + 1] = count;
        }
    }

    /// <summary>How many shards: S, or those of them that are one rank's.</summary>
    public int Shards { get; }

    /// <summary>All rows, shard by shard.</summary>
    public ReadOnlySpan<int> Rows => rows.AsSpan(0, starts[^1]);

    /// <summary>Where a shard's rows stand among <see cref="Rows"/>.</summary>
    public (int Start, int End) this[int shard] => (starts[shard], starts[shard + 1]);

    /// <summary>The sum of a number of each row.</summary>
    /// <param name="values">As rows lie in planes.</param>
    public double Sum(ReadOnlySpan<float> values)
    {
        Span<double> waiting = stackalloc double[32];
        for (int shard = 0; shard < Shards; shard++)
        {
            double sum = 0;
            foreach (int row in rows.AsSpan(starts[shard]..starts[shard + 1]))
                sum += values[row];
            int level = 0;
            for (; (shard >> level & 1) != 0; level++)
                sum = waiting[level] + sum;
            waiting[level] = sum;
        }
        return waiting[int.Log2(Shards)];
    }
}
