// The floor of every matrix product: C += A·B for a few rows and one panel of B, two vectors wide, all accumulators in
// registers. Each element is one chain of fused multiply-adds over k in ascending order, whatever the tile.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Tiles of rows of type <typeparamref name="TRow"/>, 1 to 12 rows high.</summary>
internal static unsafe class Tile<TRow, L> where TRow : struct, IRows<TRow, L> where L : struct, ILanes<L>
{
    /// <summary>C += A·B for any number of rows, in tiles as high as registers allow and as equal as can be.</summary>
    /// <param name="a">Element (row, k) of A is at row·<paramref name="rowStride"/> + k·<paramref name="columnStride"/>.</param>
    /// <param name="b">The panel: for each k, 2·<c>L.Width</c> floats.</param>
    /// <param name="c">Row r is at r·<paramref name="cStride"/>.</param>
    public static void Run(int rows, int k, float* a, nint rowStride, nint columnStride, float* b, float* c, nint cStride)
    {
        int tiles = (rows + L.TileHeight - 1) / L.TileHeight;
        for (int tile = 0; tile < tiles; tile++)
        {
            (int start, int end) = Share.Of(rows, tiles, tile);
            float* aTile = a + start * rowStride;
            float* cTile = c + start * cStride;
            switch (end - start)
            {
                case 1: One<TRow>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 2: One<Twice<TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 3: One<Plus<Twice<TRow, L>, TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 4: One<Twice<Twice<TRow, L>, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 5: One<Plus<Twice<Twice<TRow, L>, L>, TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 6: One<Twice<Plus<Twice<TRow, L>, TRow, L>, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 7: One<Plus<Twice<Plus<Twice<TRow, L>, TRow, L>, L>, TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 8: One<Twice<Twice<Twice<TRow, L>, L>, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 9: One<Plus<Twice<Twice<Twice<TRow, L>, L>, L>, TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 10: One<Twice<Plus<Twice<Twice<TRow, L>, L>, TRow, L>, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                case 11: One<Plus<Twice<Plus<Twice<Twice<TRow, L>, L>, TRow, L>, L>, TRow, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
                default: One<Twice<Twice<Plus<Twice<TRow, L>, TRow, L>, L>, L>>(k, aTile, rowStride, columnStride, b, cTile, cStride); break;
            }
        }
    }

    /// <summary>C += A·B for one row and four panels of B, <paramref name="panelStride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void RunRow(int k, float* a, float* b, nint panelStride, float* c)
    {
        TRow first = default, second = default, third = default, fourth = default;
        int width = 2 * L.Width;
        first.Load(c, 0);
        second.Load(c + width, 0);
        third.Load(c + 2 * width, 0);
        fourth.Load(c + 3 * width, 0);
        float* b1 = b + panelStride, b2 = b1 + panelStride, b3 = b2 + panelStride;
        for (nint i = 0; k > 0; k--, a++, i += width)
        {
            first.Add(a, 0, L.Load(b + i), L.Load(b + i + L.Width));
            second.Add(a, 0, L.Load(b1 + i), L.Load(b1 + i + L.Width));
            third.Add(a, 0, L.Load(b2 + i), L.Load(b2 + i + L.Width));
            fourth.Add(a, 0, L.Load(b3 + i), L.Load(b3 + i + L.Width));
        }
        first.Store(c, 0);
        second.Store(c + width, 0);
        third.Store(c + 2 * width, 0);
        fourth.Store(c + 3 * width, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void One<R>(int k, float* a, nint rowStride, nint columnStride, float* b, float* c, nint cStride)
        where R : struct, IRows<R, L>
    {
        R rows = default;
        rows.Load(c, cStride);
        for (; k > 0; k--)
        {
            rows.Add(a, rowStride, L.Load(b), L.Load(b + L.Width));
            a += columnStride;
            b += 2 * L.Width;
        }
        rows.Store(c, cStride);
    }
}
