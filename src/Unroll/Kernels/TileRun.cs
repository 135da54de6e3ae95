namespace Unroll.Kernels;

/// <summary>Where an element's chain of multiply-adds starts.</summary>
internal enum TileStart
{
    /// <summary>From what C holds.</summary>
    Given,

    /// <summary>From zero; C is overwritten.</summary>
    Zero,

    /// <summary>From zero; the whole chain is then added to C.</summary>
    ZeroThenAdded,
}

/// <summary>What a run of tiles reads and writes. A packed panel is read front to back, so while one is multiplied the next
/// can be fetched into the second-level cache: a few lines every <c>Chunk</c> steps.</summary>
internal unsafe struct TileRun
{
    /// <summary>K.</summary>
    public int Depth;

    /// <summary>Element (row, k) of A is at row·<see cref="RowStride"/> + k for A by rows; packed A lies as tiles read it:
    /// [tile][k][row of the tile].</summary>
    public float* A;

    /// <summary>Floats from one row of A to the next; 0 says that A is packed.</summary>
    public nint RowStride;

    /// <summary>The panel: for each k, two vectors.</summary>
    public float* B;

    /// <summary>Row r of the result is at r·<see cref="CStride"/>.</summary>
    public float* C;

    public nint CStride;

    /// <summary>What the sums start from, and what becomes of C.</summary>
    public TileStart Start;

    /// <summary>Floats that will be read next, from here to <see cref="AheadEnd"/>: fetched while this run computes.</summary>
    public float* Ahead, AheadEnd;

    /// <summary>Names what will be read next.</summary>
    public void LookAhead(float* start, nint length) => AheadEnd = (Ahead = start) + length;
}
