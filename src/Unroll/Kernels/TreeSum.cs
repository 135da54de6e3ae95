namespace Unroll.Kernels;

/// <summary>Adds the sums of shards 0, 1, 2 … as a balanced binary tree while they come, like a binary counter: at most one sum of
/// 2ˡ shards waits at each level l. Works in storage of its caller's.</summary>
internal readonly unsafe struct TreeSum
{
    private readonly float* storage;
    private readonly int length;
    private readonly int levels;

    /// <param name="storage">Floats for <see cref="Buffers"/> buffers, on cache lines.</param>
    /// <param name="length">Elements of a sum; a multiple of 16.</param>
    /// <param name="shards">S, a power of two.</param>
    public TreeSum(float* storage, int length, int shards)
    {
        this.storage = storage;
        this.length = length;
        levels = int.Log2(shards);
    }

    /// <summary>The whole, once the last shard is in.</summary>
    public float* Whole => Level(levels);

    /// <summary>How many buffers the sums of so many shards need.</summary>
    public static int Buffers(int shards) => shards == 1 ? 1 : int.Log2(shards) + 2;

    /// <summary>Where a shard's sum is to be put before <see cref="Add"/>.</summary>
    public float* Next(int shard) => Waits(shard) ? Level(0) : Level(levels + 1);

    /// <summary>Takes a shard's sum in.</summary>
    public void Add(int shard)
    {
        if (Waits(shard))
            return;
        int merges = int.TrailingZeroCount(~shard);
        float* sum = Next(shard);
        for (int level = 0; level < merges; level++)
            RowOperations.Add(Level(level), sum, level == merges - 1 ? Level(merges) : sum, length);
    }

    private static bool Waits(int shard) => (shard & 1) == 0;

    private float* Level(int level) => storage + (nint)level * length;
}
