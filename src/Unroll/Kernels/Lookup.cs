// Input by row lookup: what a one-hot vector times a matrix is, without the multiplication. Both ways.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Tables of rows by token: reading them, and adding gradients to them.</summary>
internal static unsafe class Lookup
{
    /// <summary>target[r] = table[ids[r]].</summary>
    public static void Gather(Matrix table, ReadOnlySpan<int> ids, Matrix target)
    {
        for (int r = 0; r < target.Rows; r++)
            table.RowSpan(ids[r]).CopyTo(target.RowSpan(r));
    }

    /// <summary>table[ids[r]] += source[r] for all rows in order, for some columns.</summary>
    public static void Scatter(Matrix source, ReadOnlySpan<int> ids, Matrix table, int start, int end)
    {
        for (int r = 0; r < source.Rows; r++)
            Add(source.Row(r), table.Row(ids[r]), start, end);
    }

    /// <summary>sums[c] = Σ source[r, c] over all rows in order, for some columns.</summary>
    public static void SumRows(Matrix source, Span<float> sums, int start, int end)
    {
        sums[start..end].Clear();
        fixed (float* target = sums)
            for (int r = 0; r < source.Rows; r++)
                Add(source.Row(r), target, start, end);
    }

    /// <summary>target += source.</summary>
    public static void Add(ReadOnlySpan<float> source, Span<float> target)
    {
        fixed (float* from = source, to = target)
            Add(from, to, 0, target.Length);
    }

    /// <summary>Every row of target = one row of source, for some columns (all, padding included, if not said).</summary>
    public static void Repeat(Matrix source, int row, Matrix target, int column = 0, int columns = -1)
    {
        columns = columns < 0 ? target.Stride : columns;
        var from = new ReadOnlySpan<float>(source.Row(row) + column, columns);
        for (int r = 0; r < target.Rows; r++)
            from.CopyTo(new Span<float>(target.Row(r) + column, columns));
    }

    /// <summary>A table of what each token adds: table[v, h] = weights[h, v] + bias[h], for some of the units h.</summary>
    public static void FillTable(Matrix weights, ReadOnlySpan<float> bias, Matrix table, int start, int end)
    {
        Transpose.Into(table.Pointer + start, table.Stride, weights.Slice(start, end - start));
        fixed (float* from = bias)
            for (int v = 0; v < table.Rows; v++)
                Add(from, table.Row(v), start, end);
    }

    /// <summary>The gradient of the weights behind such a table: delta[h, v] = Σ gradient[r, h] over the rows r of token v.</summary>
    public static void TableGradient(Matrix gradient, ReadOnlySpan<int> ids, Matrix table, Matrix delta, int start, int end)
    {
        Clear(table, start, end);
        Scatter(gradient, ids, table, start, end);
        Transpose.Columns(table, start, end, delta);
    }

    /// <summary>Sets some columns to zero.</summary>
    public static void Clear(Matrix target, int start, int end)
    {
        for (int r = 0; r < target.Rows; r++)
            new Span<float>(target.Row(r) + start, end - start).Clear();
    }

    /// <summary>A part's columns, in whole cache lines.</summary>
    public static (int Start, int End) Columns(int columns, int part, int parts)
    {
        (int start, int end) = Share.Of((columns + 15) / 16, parts, part);
        return (Math.Min(start * 16, columns), Math.Min(end * 16, columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* source, float* target, int start, int end)
    {
        if (LaneWidth.Is16)
            start = Add<Lanes16>(source, target, start, end);
        if (LaneWidth.Is16 || LaneWidth.Is8)
            start = Add<Lanes8>(source, target, start, end);
        if (LaneWidth.Is4)
            start = Add<Lanes4>(source, target, start, end);
        Add<Lanes1>(source, target, start, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Add<L>(float* source, float* target, int start, int end) where L : struct, ILanes<L>
    {
        for (; start + L.Width <= end; start += L.Width)
            (L.Load(target + start) + L.Load(source + start)).Store(target + start);
        return start;
    }
}
