// Products of whole matrices, made of tiles: blocked over k so that a panel's block stays in the first-level cache,
// and over rows so that A's block stays in the second. Threads take different outputs, never different k.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>C += A·B with B packed.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Rows of B per block: a panel's block is at most 32 KiB at 16 lanes.</summary>
    public const int KBlock = 256;

    private const int RowBlock = 240;

    /// <summary>C += A·B for rows of A that lie one after another: A [M, K], C [M, at least N rounded up to a panel].</summary>
    /// <param name="panelStart">The first panel of B, and so of C's columns, to do.</param>
    /// <param name="panelEnd">The panel to stop before.</param>
    public static void Add(Matrix a, PackedMatrix b, Matrix c, int panelStart, int panelEnd)
    {
        if (LaneWidth.Is16)
            Add<Lanes16>(a, b, c, panelStart, panelEnd);
        else if (LaneWidth.Is8)
            Add<Lanes8>(a, b, c, panelStart, panelEnd);
        else if (LaneWidth.Is4)
            Add<Lanes4>(a, b, c, panelStart, panelEnd);
        else
            Add<Lanes1>(a, b, c, panelStart, panelEnd);
    }

    /// <inheritdoc cref="Add(Matrix, PackedMatrix, Matrix, int, int)"/>
    public static void Add<L>(Matrix a, PackedMatrix b, Matrix c, int panelStart, int panelEnd) where L : struct, ILanes<L>
    {
        if (a.Rows == 1)
        {
            // A single row reads every weight once: four panels side by side keep enough sums in flight, and no block pays.
            nint panelStride = (nint)b.Rows * PackedMatrix.PanelWidth;
            for (; panelStart + 4 <= panelEnd && b.ColumnsOf(panelStart + 3) > L.Width; panelStart += 4)
                Tile<WideRow<L>, L>.RunRow(b.Rows, a.Pointer, b.Panel(panelStart, 0), panelStride, c.Pointer + panelStart * PackedMatrix.PanelWidth);
        }
        for (int row = 0; row < a.Rows; row += RowBlock)
        {
            int rows = Math.Min(RowBlock, a.Rows - row);
            for (int k = 0; k < b.Rows; k += KBlock)
            {
                int depth = Math.Min(KBlock, b.Rows - k);
                for (int panel = panelStart; panel < panelEnd; panel++)
                    Panel<L>(rows, depth, a.Row(row) + k, a.Stride, 1, b, panel, k, c.Row(row) + panel * PackedMatrix.PanelWidth, c.Stride);
            }
        }
    }

    /// <summary>One panel and one block of k; only as many vectors wide as the panel has columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Panel<L>(int rows, int depth, float* a, nint rowStride, nint columnStride, PackedMatrix b, int panel, int k, float* c, nint cStride)
        where L : struct, ILanes<L>
    {
        if (b.ColumnsOf(panel) > L.Width)
            Tile<WideRow<L>, L>.Run(rows, depth, a, rowStride, columnStride, b.Panel(panel, k), c, cStride);
        else
            Tile<NarrowRow<L>, L>.Run(rows, depth, a, rowStride, columnStride, b.Panel(panel, k), c, cStride);
    }
}
