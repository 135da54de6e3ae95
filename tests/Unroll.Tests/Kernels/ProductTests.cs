using CsCheck;
using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Matrix products: each element is one chain of fused multiply-adds over k in ascending order, to the bit.</summary>
public class ProductTests
{
    // Around the sizes of vectors, panels, tiles and blocks.
    private static readonly Gen<int> Rows = Gen.OneOf(1, 2, 3, 5, 7, 11, 12, 13, 25, 50, 239, 241, 300);
    private static readonly Gen<int> Columns = Gen.OneOf(1, 2, 3, 8, 15, 16, 17, 27, 31, 32, 33, 48, 65, 100);
    private static readonly Gen<int> Depth = Gen.OneOf(1, 2, 5, 17, 33, 100, 255, 256, 257, 600);

    [Fact]
    public void A_product_is_one_chain_per_element() =>
        Gen.Select(Rows, Depth, Columns, Gen.Int[1, 4]).Sample((m, k, n, parts) =>
        {
            using var memory = new TestMatrix();
            Matrix a = memory.Random(m, k, 1), b = memory.Random(k, n, 2), c = memory.Random(m, n, 3);
            Matrix expected = memory.Copy(c);
            Chain(expected, k, (row, i) => a.RowSpan(row)[i], (i, column) => b.RowSpan(i)[column]);

            PackedMatrix packed = memory.Packed(b);
            for (int part = 0; part < parts; part++)
            {
                (int start, int end) = Share.Of(packed.Panels, parts, part);
                MatrixProduct.Add(a, packed, c, start, end);
            }
            AssertSameBits(expected, c);
        }, iter: 40, threads: 1);

    [Fact]
    public void Packing_a_transpose_is_packing_the_transposed() =>
        Gen.Select(Columns, Depth).Sample((n, k) =>
        {
            using var memory = new TestMatrix();
            Matrix b = memory.Random(n, k, 1), a = memory.Random(3, k, 2), c = memory.Random(3, n, 3);
            Matrix expected = memory.Copy(c);
            Chain(expected, k, (row, i) => a.RowSpan(row)[i], (i, column) => b.RowSpan(column)[i]);
            PackedMatrix packed = memory.PackedTranspose(b);
            MatrixProduct.Add(a, packed, c, 0, packed.Panels);
            AssertSameBits(expected, c);
        }, iter: 30, threads: 1);

    [Fact]
    public void A_product_s_chain_may_start_at_zero_and_be_added() =>
        Gen.Select(Rows, Gen.OneOf(1, 2, 17, 33, 257, 1280, 1281, 2600), Gen.OneOf(1, 16, 33, 65)).Sample((m, k, n) =>
        {
            using var memory = new TestMatrix();
            Matrix a = memory.Random(m, k, 1), b = memory.Random(k, n, 2), c = memory.Random(m, n, 3);
            Matrix expected = memory.Copy(c);
            // A chain is cut into equal pieces of at most 1280.
            int pieces = (k + 1279) / 1280;
            for (int piece = 0; piece < pieces; piece++)
            {
                (int start, int end) = Share.Of(k, pieces, piece);
                for (int row = 0; row < m; row++)
                    for (int column = 0; column < n; column++)
                    {
                        float sum = 0;
                        for (int i = start; i < end; i++)
                            sum = MathF.FusedMultiplyAdd(a.RowSpan(row)[i], b.RowSpan(i)[column], sum);
                        expected.RowSpan(row)[column] += sum;
                    }
            }
            MatrixProduct.Add(a, memory.Packed(b), c, TileStart.ZeroThenAdded);
            AssertSameBits(expected, c);
        }, iter: 25, threads: 1);

    [Fact]
    public void A_weight_gradient_is_a_chain_for_each_shard_added_as_a_tree_and_writes_nothing_beside() =>
        Gen.Select(Gen.Int[1, 40], Gen.OneOf(1, 2, 8, 17, 33), Rows, Columns, Gen.Int[1, 4], Gen.OneOf(1, 2, 4, 8)).Sample((t, b, m, n, parts, shards) =>
        {
            using var memory = new TestMatrix();
            shards = Math.Min(shards, 1 << int.Log2(b));
            int k = t * b;
            Matrix d = memory.Random(k, m, 1), x = memory.Random(k, n, 2), expected = memory.Random(m, n, 3);
            var order = new SumOrder(new BatchShare(b, shards), t, (step, row) => step * b + row);
            for (int row = 0; row < m; row++)
                for (int column = 0; column < n; column++)
                    expected.RowSpan(row)[column] = Tree(0, shards, shard =>
                    {
                        float sum = 0;
                        (int first, int end) = Share.Of(b, shards, shard);
                        for (int step = 0; step < t; step++)
                            for (int r = first; r < end; r++)
                                sum = MathF.FusedMultiplyAdd(d.RowSpan(step * b + r)[row], x.RowSpan(step * b + r)[column], sum);
                        return sum;
                    });

            const float untouched = 12345;
            float[] bias = new float[m];
            Matrix delta = memory.Unpadded(m + 1, n, untouched);
            PackedMatrix packed = memory.Packed(x, order.Rows);
            var rows = new PackedRows(packed, [.. Enumerable.Range(0, shards).Select(shard => order[shard].Start)]);
            for (int part = 0; part < parts; part++)
                WeightGradient.Compute(d, order, rows, delta.Slice(0, m), bias, memory.Scratch((int)WeightGradient.ScratchLength(n, shards)), part, parts);
            AssertSameBits(expected, delta.Slice(0, m));
            for (int row = 0; row < m; row++)
                Assert.Equal(Tree(0, shards, shard =>
                {
                    float sum = 0;
                    foreach (int r in order.Rows[order[shard].Start..order[shard].End])
                        sum += d.RowSpan(r)[row];
                    return sum;
                }), bias[row]);
            Assert.All(delta.RowSpan(m).ToArray(), value => Assert.Equal(untouched, value));
        }, iter: 40, threads: 1);

    [Fact]
    public void Transposing_twice_gives_the_matrix_back() =>
        Gen.Select(Rows, Columns).Sample((m, n) =>
        {
            using var memory = new TestMatrix();
            Matrix source = memory.Random(m, n, 1), transposed = memory.Random(n, m, 2);
            Transpose.Columns(source, 0, n / 2, transposed);
            Transpose.Columns(source, n / 2, n, transposed);
            for (int row = 0; row < m; row++)
                for (int column = 0; column < n; column++)
                    Assert.Equal(source.RowSpan(row)[column], transposed.RowSpan(column)[row]);
        }, iter: 30, threads: 1);

    /// <summary>A balanced binary tree over [first, end).</summary>
    private static float Tree(int first, int end, Func<int, float> leaf) =>
        end - first == 1 ? leaf(first) : Tree(first, (first + end) / 2, leaf) + Tree((first + end) / 2, end, leaf);

    private static void Chain(Matrix c, int depth, Func<int, int, float> a, Func<int, int, float> b)
    {
        for (int row = 0; row < c.Rows; row++)
            for (int column = 0; column < c.Columns; column++)
            {
                float sum = c.RowSpan(row)[column];
                for (int k = 0; k < depth; k++)
                    sum = MathF.FusedMultiplyAdd(a(row, k), b(k, column), sum);
                c.RowSpan(row)[column] = sum;
            }
    }

    private static void AssertSameBits(Matrix expected, Matrix actual)
    {
        for (int row = 0; row < expected.Rows; row++)
            Assert.Equal(Lanes.Bits(expected.RowSpan(row).ToArray()), Lanes.Bits(actual.RowSpan(row).ToArray()));
    }
}
