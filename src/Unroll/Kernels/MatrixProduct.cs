// Products of whole matrices, made of tiles: blocked over k and over rows so that a panel and A's block stay in the
// second-level cache together. Threads take different outputs, never different k.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>C += A·B with B packed.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Rows of B per block. Long chains are cheap (a panel streams from the second-level cache as fast as it is
    /// multiplied) and each break costs a round trip of C, so a block is as deep as that cache allows.</summary>
    public const int KBlock = 1280;

    /// <summary>Floats of A per block: half of a second-level cache of 512 KiB.</summary>
    private const int BlockLength = 64 * 1024;

    /// <summary>C += A·B for rows of A that lie one after another: A [M, K], C [M, at least N rounded up to a panel].</summary>
    /// <param name="panelStart">The first panel of B, and so of C's columns, to do.</param>
    /// <param name="panelEnd">The panel to stop before.</param>
    public static void Add(Matrix a, PackedMatrix b, Matrix c, int panelStart, int panelEnd) => Add(a, b, c, TileStart.Given, panelStart, panelEnd);

    /// <summary>The same for all panels, with chains that start where it is said.</summary>
    public static void Add(Matrix a, PackedMatrix b, Matrix c, TileStart start) => Add(a, b, c, start, 0, b.Panels);

    private static void Add(Matrix a, PackedMatrix b, Matrix c, TileStart start, int panelStart, int panelEnd)
    {
        if (LaneWidth.Is16)
            Add<Lanes16>(a, b, c, panelStart, panelEnd, start);
        else if (LaneWidth.Is8)
            Add<Lanes8>(a, b, c, panelStart, panelEnd, start);
        else if (LaneWidth.Is4)
            Add<Lanes4>(a, b, c, panelStart, panelEnd, start);
        else
            Add<Lanes1>(a, b, c, panelStart, panelEnd, start);
    }

    /// <inheritdoc cref="Add(Matrix, PackedMatrix, Matrix, int, int)"/>
    /// <param name="start">Where chains start: <see cref="TileStart.ZeroThenAdded"/> makes each block of B's rows (of at most
    /// <see cref="KBlock"/>, as equal as can be) a chain of its own.</param>
    /// <param name="next">As many floats as a panel has, which the next product will read: fetched meanwhile; null for none.</param>
    public static void Add<L>(Matrix a, PackedMatrix b, Matrix c, int panelStart, int panelEnd, TileStart start = TileStart.Given, float* next = null)
        where L : struct, ILanes<L>
    {
        if (a.Rows == 1 && (start == TileStart.Given || b.Rows <= KBlock))
        {
            // A single row reads every weight once: four panels side by side keep enough sums in flight, and no block pays.
            for (nint panelStride = (nint)b.Rows * PackedMatrix.PanelWidth; panelStart < panelEnd; panelStart += 4)
                Tile<WideRow<L>, L>.RunRow(b.Rows, a.Pointer, b.Panel(panelStart, 0), panelStride, c.Pointer + panelStart * PackedMatrix.PanelWidth,
                    Math.Min(4, panelEnd - panelStart), start);
            return;
        }
        int blocks = (b.Rows + KBlock - 1) / KBlock;
        for (int block = 0; block < blocks; block++)
        {
            (int k, int lastK) = Share.Of(b.Rows, blocks, block);
            int depth = lastK - k;
            int rowBlock = Math.Max(1, BlockLength / depth);
            for (int row = 0; row < a.Rows; row += rowBlock)
            {
                int rows = Math.Min(rowBlock, a.Rows - row);
                for (int panel = panelStart; panel < panelEnd; panel++)
                {
                    var run = new TileRun
                    {
                        Depth = depth,
                        A = a.Row(row) + k,
                        RowStride = a.Stride,
                        B = b.Panel(panel, k),
                        C = c.Row(row) + panel * PackedMatrix.PanelWidth,
                        CStride = c.Stride,
                        Start = start,
                    };
                    float* ahead = panel + 1 < panelEnd ? b.Panel(panel + 1, 0) : next;
                    if (ahead is not null)
                        run.LookAhead(ahead + (nint)k * PackedMatrix.PanelWidth, (nint)depth * PackedMatrix.PanelWidth);
                    Panel<L>(rows, b.ColumnsOf(panel), ref run);
                }
            }
        }
    }

    /// <summary>One panel and one block of k; only as many vectors wide as the panel has columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Panel<L>(int rows, int columns, ref TileRun run) where L : struct, ILanes<L>
    {
        if (columns > L.Width)
            Tile<WideRow<L>, L>.Run(rows, ref run);
        else
            Tile<NarrowRow<L>, L>.Run(rows, ref run);
    }
}
