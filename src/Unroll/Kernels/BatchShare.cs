namespace Unroll.Kernels;

/// <summary>Which of a minibatch's rows one rank of several computes: those of S/P neighbouring shards, so that its sum is a subtree of
/// the whole tree (see <see cref="SumOrder"/>).</summary>
/// <param name="Batch">B: rows of the whole minibatch.</param>
/// <param name="AllShards">S, a multiple of P.</param>
/// <param name="Rank">Whose share it is, from 0.</param>
/// <param name="Ranks">P.</param>
internal sealed record BatchShare(int Batch, int AllShards, int Rank = 0, int Ranks = 1)
{
    /// <summary>The rank's first row among the minibatch's.</summary>
    public int FirstRow => FirstRowOf(Rank);

    /// <summary>The rank's rows.</summary>
    public int Rows => RowsOf(Rank);

    /// <summary>The rank's shards, S/P.</summary>
    public int Shards => AllShards / Ranks;

    /// <summary>Whether the minibatch is all of one rank's.</summary>
    public bool IsWhole => Ranks == 1;

    /// <summary>How many rows another rank has.</summary>
    public int RowsOf(int rank) => FirstRowOf(rank + 1) - FirstRowOf(rank);

    /// <summary>The rows [start, end) of one of the rank's shards, counted from its first row.</summary>
    public (int Start, int End) RowsOfShard(int shard)
    {
        (int start, int end) = Share.Of(Batch, AllShards, Rank * Shards + shard);
        return (start - FirstRow, end - FirstRow);
    }

    /// <summary>Copies the rank's columns out of a minibatch.</summary>
    /// <param name="all">[T, B], time-major.</param>
    /// <param name="own">[T, rows].</param>
    public void Take(ReadOnlySpan<int> all, Span<int> own)
    {
        for (int t = 0; t * Batch < all.Length; t++)
            all.Slice(t * Batch + FirstRow, Rows).CopyTo(own[(t * Rows)..]);
    }

    private int FirstRowOf(int rank) => Share.Of(Batch, Ranks, rank).Start;
}
