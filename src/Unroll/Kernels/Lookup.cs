// Input by row lookup: what a one-hot vector times a matrix is, without the multiplication. Both ways.
namespace Unroll.Kernels;

/// <summary>Tables of rows by token: reading them, and the gradients of their rows.</summary>
internal static unsafe class Lookup
{
    /// <summary>target[r] = table[ids[r]].</summary>
    public static void Gather(Matrix table, ReadOnlySpan<int> ids, Matrix target)
    {
        for (int r = 0; r < target.Rows; r++)
            table.RowSpan(ids[r]).CopyTo(target.RowSpan(r));
    }

    /// <summary>target[r] += scale · table[ids[r]] where there is such a row, for some columns.</summary>
    public static void Add(Matrix table, ReadOnlySpan<int> ids, float scale, Matrix target, int start, int end)
    {
        for (int r = 0; r < target.Rows; r++)
            if (ids[r] >= 0)
                RowOperations.AddScaled(table.Row(ids[r]), target.Row(r), start, end, scale);
    }

    /// <summary>table[v] = Σ source[r], or Σ factors[r] · source[r], over the rows r of token v, for some columns: shard by shard, the shards as a tree.</summary>
    /// <param name="scratch">Room for <see cref="TreeSum.Buffers"/> rows.</param>
    public static void SumByToken(Matrix source, TokenOrder order, Matrix table, int start, int end, Matrix scratch, ReadOnlySpan<float> factors = default)
    {
        if (start == end)
            return;
        int length = (end - start + 15) / 16 * 16;
        var tree = new TreeSum(scratch.Pointer, length, order.Shards);
        for (int token = 0; token < table.Rows; token++)
        {
            float* target = table.Row(token) + start;
            if (order.Shards == 1 || order.RowsOf(token).IsEmpty)
            {
                Sum(source, order.RowsOf(token), factors, start, end, target);
                continue;
            }
            for (int shard = 0; shard < order.Shards; shard++)
            {
                Sum(source, order.RowsOf(token, shard), factors, start, end, tree.Next(shard));
                tree.Add(shard);
            }
            new ReadOnlySpan<float>(tree.Whole, end - start).CopyTo(new Span<float>(target, end - start));
        }
    }

    /// <summary>A table of what each token adds: table[v, h] = weights[h, v] + bias[h], for some of the units h.</summary>
    public static void FillTable(Matrix weights, ReadOnlySpan<float> bias, Matrix table, int start, int end)
    {
        Transpose.Into(table.Pointer + start, table.Stride, weights.Slice(start, end - start));
        fixed (float* from = bias)
            for (int v = 0; v < table.Rows; v++)
                RowOperations.Add(from, table.Row(v), start, end);
    }

    private static void Sum(Matrix source, ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, int start, int end, float* target)
    {
        new Span<float>(target, end - start).Clear();
        foreach (int row in rows)
        {
            if (factors.IsEmpty)
                RowOperations.Add(source.Row(row) + start, target, 0, end - start);
            else
                RowOperations.AddScaled(source.Row(row) + start, target, 0, end - start, factors[row]);
        }
    }
}
