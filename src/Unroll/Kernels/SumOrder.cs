// In which order the rows of a minibatch are added up in gradients and losses. The batch's rows are divided into S shards; a
// shard's sum is one chain over its rows (t, b), t before b; the shards' sums are added as a balanced binary tree:
//     ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))        for S = 8; S = 1 is one chain over all.
// S belongs to the run. Whoever computes whole, neighbouring shards (a thread, later a machine) has a subtree, so how many
// share the work never shows. Where row (t, b) lies in memory is the planes' business and is told here as a number.
namespace Unroll.Kernels;

/// <summary>The rows of planes [T·B, ·] in the order of their sums.</summary>
internal sealed class SumOrder
{
    private readonly int[] rows;
    private readonly int[] starts;

    /// <param name="batch">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="shards">S.</param>
    /// <param name="rowOf">Which row of the planes (t, b) is.</param>
    public SumOrder(int batch, int steps, int shards, Func<int, int, int> rowOf)
    {
        (Shards, rows, starts) = (shards, new int[batch * steps], new int[shards + 1]);
        int count = 0;
        for (int shard = 0; shard < shards; shard++)
        {
            (int first, int end) = Share.Of(batch, shards, shard);
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

    /// <summary>S.</summary>
    public int Shards { get; }

    /// <summary>All rows, shard by shard.</summary>
    public ReadOnlySpan<int> Rows => rows.AsSpan(0, starts[^1]);

    /// <summary>Where a shard's rows stand among <see cref="Rows"/>.</summary>
    public (int Start, int End) this[int shard] => (starts[shard], starts[shard + 1]);
}
