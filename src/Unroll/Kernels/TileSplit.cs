namespace Unroll.Kernels;

/// <summary>How rows are divided into tiles: no tile higher than registers allow, as equal as can be, the higher ones first.</summary>
internal readonly struct TileSplit(int rows, int highest)
{
    private readonly int rows = rows;

    /// <summary>The number of tiles.</summary>
    public int Count { get; } = (rows + highest - 1) / highest;

    /// <summary>The height of the last tile; the first <see cref="Higher"/> are one row higher.</summary>
    public int Height => rows / Count;

    /// <summary>How many tiles are one row higher than the others.</summary>
    public int Higher => rows % Count;

    /// <summary>The rows [first, end) of a tile.</summary>
    public (int First, int End) this[int tile]
    {
        get
        {
            int first = tile * Height + Math.Min(tile, Higher);
            return (first, first + Height + (tile < Higher ? 1 : 0));
        }
    }
}
