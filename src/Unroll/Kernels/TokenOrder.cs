namespace Unroll.Kernels;

/// <summary>The rows of a minibatch by the token that stands there, each token's in the order of their sums: what a lookup's
/// gradient adds up. Made anew for every minibatch, by counting.</summary>
internal sealed class TokenOrder
{
    private readonly SumOrder order;
    private readonly int tokens;
    private readonly int[] rows;
    private readonly int[] starts; // [token · S + shard]

    /// <param name="order">The order of sums.</param>
    /// <param name="tokens">V.</param>
    public TokenOrder(SumOrder order, int tokens)
    {
        (this.order, this.tokens) = (order, tokens);
        rows = new int[order.Rows.Length];
        starts = new int[tokens * order.Shards + 1];
    }

    /// <summary>S.</summary>
    public int Shards => order.Shards;

    /// <summary>Sorts a minibatch.</summary>
    /// <param name="ids">The token of each row of the planes; negative for none.</param>
    public void Sort(ReadOnlySpan<int> ids) => Sort(ids, tokens);

    /// <summary>Sorts a minibatch in which only the first tokens occur.</summary>
    /// <param name="ids">The token of each row of the planes; negative for none.</param>
    /// <param name="tokens">How many tokens.</param>
    public void Sort(ReadOnlySpan<int> ids, int tokens)
    {
        Span<int> starts = this.starts.AsSpan(0, tokens * Shards + 1);
        starts.Clear();
        for (int shard = 0; shard < Shards; shard++)
            foreach (int row in RowsOfShard(shard))
                if (ids[row] >= 0)
                    starts[ids[row] * Shards + shard + 1]++;
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        // starts[i] is where the next row of i goes, until all are placed and it is where those of i + 1 begin.
        for (int shard = 0; shard < Shards; shard++)
            foreach (int row in RowsOfShard(shard))
                if (ids[row] >= 0)
                    rows[starts[ids[row] * Shards + shard]++] = row;
        for (int i = tokens * Shards; i > 0; i--)
            starts[i] = starts[i - 1];
        starts[0] = 0;
    }

    /// <summary>A token's rows, shard by shard.</summary>
    public ReadOnlySpan<int> RowsOf(int token) => rows.AsSpan(starts[token * Shards]..starts[(token + 1) * Shards]);

    /// <summary>A token's rows of one shard.</summary>
    public ReadOnlySpan<int> RowsOf(int token, int shard) => rows.AsSpan(starts[token * Shards + shard]..starts[token * Shards + shard + 1]);

    private ReadOnlySpan<int> RowsOfShard(int shard) => order.Rows[order[shard].Start..order[shard].End];
}
