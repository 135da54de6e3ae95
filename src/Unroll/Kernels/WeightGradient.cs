// The gradient of a weight matrix over a whole window: Δ = Dᵀ·X, one chain over all T·B rows for each element.
namespace Unroll.Kernels;

/// <summary>Δ [M, N] (unpadded) = Dᵀ·X with D [K, M] and X [K, N] packed, K = T·B.</summary>
internal static unsafe class WeightGradient
{
    private const int RowBlock = 240;

    /// <summary>Floats of scratch that <see cref="Compute"/> needs.</summary>
    public static int ScratchLength => RowBlock * MatrixProduct.KBlock + 16 * PackedMatrix.PanelWidth;

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

        for (int row = start; row < end; row++)
            delta.RowSpan(row).Clear();
        for (int k = 0; k < d.Rows; k += MatrixProduct.KBlock)
        {
            int depth = Math.Min(MatrixProduct.KBlock, d.Rows - k);
            for (int row = start; row < end; row += RowBlock)
            {
                // D's columns, tile by tile, in the order in which a tile reads them: [tile][depth][height].
                int rows = Math.Min(RowBlock, end - row);
                int tiles = (rows + L.TileHeight - 1) / L.TileHeight;
                for (int tile = 0; tile < tiles; tile++)
                    PackColumns(d, k, depth, row, Share.Of(rows, tiles, tile), packed);
                for (int panel = 0; panel < x.Panels; panel++)
                {
                    int columns = x.ColumnsOf(panel);
                    bool whole = columns == width || columns == L.Width;
                    for (int tile = 0; tile < tiles; tile++)
                    {
                        (int first, int last) = Share.Of(rows, tiles, tile);
                        float* a = packed + (nint)first * depth;
                        float* c = delta.Row(row + first) + panel * width;
                        if (whole)
                        {
                            MatrixProduct.Panel<L>(last - first, depth, a, 1, last - first, x, panel, input.First + k, c, delta.Stride);
                            continue;
                        }
                        // Δ has no padding to spill into: the last columns go through a scratch tile.
                        Copy(c, delta.Stride, edge, width, last - first, columns);
                        MatrixProduct.Panel<L>(last - first, depth, a, 1, last - first, x, panel, input.First + k, edge, width);
                        Copy(edge, width, c, delta.Stride, last - first, columns);
                    }
                }
            }
        }
    }

    private static void PackColumns(Matrix d, int k, int depth, int row, (int First, int Last) tile, float* packed)
    {
        int height = tile.Last - tile.First;
        float* target = packed + (nint)tile.First * depth;
        for (int i = 0; i < depth; i++, target += height)
        {
            float* source = d.Row(k + i) + row + tile.First;
            for (int r = 0; r < height; r++)
                target[r] = source[r];
        }
    }

    private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<float>(source + row * sourceStride, columns).CopyTo(new Span<float>(target + row * targetStride, columns));
    }
}
