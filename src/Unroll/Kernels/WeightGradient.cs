// The gradient of a weight matrix over a whole window: Δ = Dᵀ·X, one chain over all T·B rows for each element.
namespace Unroll.Kernels;

/// <summary>Δ [M, N] (unpadded) = Dᵀ·X with D [K, M] and X [K, N] packed, K = T·B.</summary>
internal static unsafe class WeightGradient
{
    /// <summary>Rows of Δ whose columns of D are packed at a time: at most 300 KiB. Five tiles of 12 or ten of 6.</summary>
    private const int RowBlock = 60;

    /// <summary>Floats of scratch that <see cref="Compute"/> needs.</summary>
    public static int ScratchLength => RowBlock * (MatrixProduct.KBlock + PackedMatrix.PanelWidth);

    /// <summary>Computes this part's rows of Δ.</summary>
    /// <param name="d">[K, M].</param>
    /// <param name="input">K rows of X [·, N], packed.</param>
    /// <param name="delta">[M, N]; overwritten.</param>
    /// <param name="scratch">This thread's own.</param>
    public static void Compute(Matrix d, PackedRows input, Matrix delta, Matrix scratch, int part, int parts)
    {
        if (LaneWidth.Is16)
            Compute<Lanes16>(d, input, delta, scratch, part, parts);
        else if (LaneWidth.Is8)
            Compute<Lanes8>(d, input, delta, scratch, part, parts);
        else if (LaneWidth.Is4)
            Compute<Lanes4>(d, input, delta, scratch, part, parts);
        else
            Compute<Lanes1>(d, input, delta, scratch, part, parts);
    }

    private static void Compute<L>(Matrix d, PackedRows input, Matrix delta, Matrix scratch, int part, int parts)
        where L : struct, ILanes<L>
    {
        PackedMatrix x = input.Matrix;
        (int start, int end) = Share.Of(delta.Rows, parts, part);
        float* packed = scratch.Pointer;
        float* edge = packed + RowBlock * MatrixProduct.KBlock;
        int width = PackedMatrix.PanelWidth;

        int blocks = (d.Rows + MatrixProduct.KBlock - 1) / MatrixProduct.KBlock;
        for (int block = 0; block < blocks; block++)
        {
            (int k, int lastK) = Share.Of(d.Rows, blocks, block);
            int depth = lastK - k;
            for (int row = start; row < end; row += RowBlock)
            {
                // D's columns, tile by tile, in the order in which a tile reads them: [tile][depth][height].
                int rows = Math.Min(RowBlock, end - row);
                var tiles = new TileSplit(rows, L.TileHeight);
                for (int tile = 0; tile < tiles.Count; tile++)
                    PackColumns<L>(d, k, depth, row, tiles[tile], packed);
                for (int panel = 0; panel < x.Panels; panel++)
                {
                    int columns = x.ColumnsOf(panel);
                    var run = new TileRun
                    {
                        Depth = depth,
                        A = packed,
                        B = x.Panel(panel, input.First + k),
                        C = delta.Row(row) + panel * width,
                        CStride = delta.Stride,
                        Fresh = k == 0,
                    };
                    if (panel + 1 < x.Panels)
                        run.LookAhead(x.Panel(panel + 1, input.First + k), (nint)depth * width);
                    if (columns == width || columns == L.Width)
                    {
                        MatrixProduct.Panel<L>(rows, columns, ref run);
                        continue;
                    }
                    // Δ has no padding to spill into: the last columns go through a scratch tile.
                    float* c = run.C;
                    run.C = edge;
                    run.CStride = width;
                    if (k > 0)
                        Copy(c, delta.Stride, edge, width, rows, columns);
                    MatrixProduct.Panel<L>(rows, columns, ref run);
                    Copy(edge, width, c, delta.Stride, rows, columns);
                }
            }
        }
    }

    /// <summary>Copies a tile's columns as whole vectors: what they hold beyond the tile's height is overwritten by the next k,
    /// or the next tile.</summary>
    private static void PackColumns<L>(Matrix d, int k, int depth, int row, (int First, int End) tile, float* packed)
        where L : struct, ILanes<L>
    {
        int height = tile.End - tile.First;
        float* target = packed + (nint)tile.First * depth;
        float* source = d.Row(k) + row + tile.First;
        for (int i = 0; i < depth; i++, target += height, source += d.Stride)
            for (int r = 0; r < L.TileHeight; r += L.Width)
                L.Load(source + r).Store(target + r);
    }

    private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<float>(source + row * sourceStride, columns).CopyTo(new Span<float>(target + row * targetStride, columns));
    }
}
