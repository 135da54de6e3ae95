// The gradient of a weight matrix over a whole window: Δ = Dᵀ·X, and of the bias that goes with it: the sums of D's columns,
// taken while they are packed. An element's sum over the T·B rows is a chain for each shard,
// and the shards are added as a tree (see SumOrder).
namespace Unroll.Kernels;

/// <summary>Δ [M, N] (unpadded) = Dᵀ·X with D [T·B, M] in the planes' order and X [·, N] packed in the order of sums.</summary>
internal static unsafe class WeightGradient
{
    /// <summary>Rows of Δ whose columns of D are packed at a time: at most 300 KiB. Five tiles of 12 or ten of 6.</summary>
    private const int RowBlock = 60;

    /// <summary>The same where several shards' sums are kept beside: three tiles of 12 or six of 6.</summary>
    private const int RowBlockOfShards = 36;

    /// <summary>Floats that a block's biases take, in whole cache lines.</summary>
    private const int BiasBlock = 64;

    /// <summary>Floats of scratch that <see cref="Compute"/> needs.</summary>
    /// <param name="inputs">N.</param>
    /// <param name="shards">S.</param>
    public static long ScratchLength(int inputs, int shards) =>
        RowBlock * MatrixProduct.KBlock + (shards == 1
            ? RowBlock * PackedMatrix.PanelWidth
            : (long)TreeSum.Buffers(shards) * (RowBlockOfShards * Padded(inputs) + BiasBlock));

    /// <summary>Computes this part's rows of Δ.</summary>
    /// <param name="d">[T·B, M].</param>
    /// <param name="order">The order of sums over D's rows.</param>
    /// <param name="input">X; a shard's rows follow one another.</param>
    /// <param name="delta">[M, N]; overwritten.</param>
    /// <param name="bias">[M]: the sums of D's columns; overwritten. Empty if not wanted.</param>
    /// <param name="scratch">This thread's own.</param>
    /// <param name="between">What this thread does between two blocks of rows; null = nothing.</param>
    public static void Compute(
        Matrix d, SumOrder order, PackedRows input, Matrix delta, Span<float> bias, Matrix scratch, int part, int parts, Action? between = null)
    {
        fixed (float* sums = bias)
        {
            if (LaneWidth.Is16)
                Compute<Lanes16>(d, order, input, delta, sums, scratch, part, parts, between);
            else if (LaneWidth.Is8)
                Compute<Lanes8>(d, order, input, delta, sums, scratch, part, parts, between);
            else if (LaneWidth.Is4)
                Compute<Lanes4>(d, order, input, delta, sums, scratch, part, parts, between);
            else
                Compute<Lanes1>(d, order, input, delta, sums, scratch, part, parts, between);
        }
    }

    private static int Padded(int columns) => (columns + PackedMatrix.PanelWidth - 1) / PackedMatrix.PanelWidth * PackedMatrix.PanelWidth;

    private static void Compute<L>(Matrix d, SumOrder order, PackedRows input, Matrix delta, float* bias, Matrix scratch, int part, int parts, Action? between)
        where L : struct, ILanes<L>
    {
        (int start, int end) = Share.Of(delta.Rows, parts, part);
        float* packed = scratch.Pointer, beside = packed + RowBlock * MatrixProduct.KBlock;
        float* sums = stackalloc float[BiasBlock];
        if (order.Shards == 1)
        {
            for (int row = start; row < end; row += RowBlock)
            {
                int rows = Math.Min(RowBlock, end - row);
                Chains<L>(d, order.Rows, input.Matrix, input.First(0), row, delta.Slice(row, rows), packed, beside, sums);
                TakeBias(sums, row, rows);
                between?.Invoke();
            }
            return;
        }
        int stride = Padded(delta.Columns);
        var tree = new TreeSum(beside, RowBlockOfShards * stride, order.Shards);
        var biases = new TreeSum(beside + (nint)TreeSum.Buffers(order.Shards) * RowBlockOfShards * stride, BiasBlock, order.Shards);
        for (int row = start; row < end; row += RowBlockOfShards)
        {
            int rows = Math.Min(RowBlockOfShards, end - row);
            for (int shard = 0; shard < order.Shards; shard++)
            {
                (int first, int last) = order[shard];
                Chains<L>(d, order.Rows[first..last], input.Matrix, input.First(shard), row, new Matrix(tree.Next(shard), rows, stride, stride), packed, null,
                    biases.Next(shard));
                tree.Add(shard);
                biases.Add(shard);
            }
            TakeBias(biases.Whole, row, rows);
            Copy(tree.Whole, stride, delta.Row(row), delta.Stride, rows, delta.Columns);
            between?.Invoke();
        }

        void TakeBias(float* source, int row, int rows)
        {
            if (bias is not null)
                new ReadOnlySpan<float>(source, rows).CopyTo(new Span<float>(bias + row, rows));
        }
    }

    /// <summary>One chain for each element of some rows of Δ.</summary>
    /// <param name="d">[T·B, M].</param>
    /// <param name="order">Rows of D, as the chains run.</param>
    /// <param name="x">[·, N] packed.</param>
    /// <param name="firstOfX">Where the rows of X begin that go with them.</param>
    /// <param name="row">The first row of Δ, and so column of D.</param>
    /// <param name="target">Those rows of Δ; overwritten.</param>
    /// <param name="packed">Room for D's columns.</param>
    /// <param name="sums">[<see cref="BiasBlock"/>]: the sums of D's columns.</param>
    /// <param name="edge">Room for one panel's columns, where the target has no padding to spill into; null where it has.</param>
    private static void Chains<L>(Matrix d, ReadOnlySpan<int> order, PackedMatrix x, int firstOfX, int row, Matrix target, float* packed, float* edge,
        float* sums)
        where L : struct, ILanes<L>
    {
        if (order.IsEmpty)
        {
            for (int r = 0; r < target.Rows; r++)
                target.RowSpan(r).Clear();
            new Span<float>(sums, target.Rows).Clear();
            return;
        }
        int width = PackedMatrix.PanelWidth;
        int blocks = (order.Length + MatrixProduct.KBlock - 1) / MatrixProduct.KBlock;
        for (int block = 0; block < blocks; block++)
        {
            (int k, int lastK) = Share.Of(order.Length, blocks, block);
            int depth = lastK - k;
            // D's columns, tile by tile, in the order in which a tile reads them: [tile][depth][height].
            var tiles = new TileSplit(target.Rows, L.TileHeight);
            for (int tile = 0; tile < tiles.Count; tile++)
                PackColumns<L>(d, order[k..lastK], row, tiles[tile], packed, sums + tiles[tile].First, continues: k > 0);
            for (int panel = 0; panel < x.Panels; panel++)
            {
                int columns = x.ColumnsOf(panel);
                var run = new TileRun
                {
                    Depth = depth,
                    A = packed,
                    B = x.Panel(panel, firstOfX + k),
                    C = target.Pointer + panel * width,
                    CStride = target.Stride,
                    Start = k == 0 ? TileStart.Zero : TileStart.Given,
                };
                if (panel + 1 < x.Panels)
                    run.LookAhead(x.Panel(panel + 1, firstOfX + k), (nint)depth * width);
                if (edge is null || columns == width || columns == L.Width)
                {
                    MatrixProduct.Panel<L>(target.Rows, columns, ref run);
                    continue;
                }
                float* c = run.C;
                run.C = edge;
                run.CStride = width;
                if (k > 0)
                    Copy(c, target.Stride, edge, width, target.Rows, columns);
                MatrixProduct.Panel<L>(target.Rows, columns, ref run);
                Copy(edge, width, c, target.Stride, target.Rows, columns);
            }
        }
    }

    /// <summary>Copies a tile's columns as whole vectors, and adds them up: what vectors hold beyond the tile's height is overwritten
    /// by the next k's, by earlier vectors', or by the next tile.</summary>
    private static void PackColumns<L>(
        Matrix d, ReadOnlySpan<int> order, int row, (int First, int End) tile, float* packed, float* sums, bool continues)
        where L : struct, ILanes<L>
    {
        int height = tile.End - tile.First;
        float* target = packed + (nint)tile.First * order.Length;
        int column = row + tile.First;
        float* whole = stackalloc float[L.Width];
        // The last vectors of the rows first: what they hold beyond the height lies where the first vectors then go.
        for (int r = (height - 1) / L.Width * L.Width; r >= 0; r -= L.Width)
        {
            L sum = continues ? L.Load(sums + r) : L.Of(0);
            float* to = target + r;
            foreach (int k in order)
            {
                L value = L.Load(d.Row(k) + column + r);
                value.Store(to);
                sum += value;
                to += height;
            }
            // The lanes beyond the tile are the next tile's, which adds them up itself.
            sum.Store(whole);
            int own = Math.Min(L.Width, height - r);
            new ReadOnlySpan<float>(whole, own).CopyTo(new Span<float>(sums + r, own));
        }
    }

    private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<float>(source + row * sourceStride, columns).CopyTo(new Span<float>(target + row * targetStride, columns));
    }
}
