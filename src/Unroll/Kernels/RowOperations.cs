// Whole rows of floats, vector by vector: added, summed over, repeated, cleared.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Elementwise work on rows.</summary>
internal static unsafe class RowOperations
{
    /// <summary>target += source, for elements [start, end).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(float* source, float* target, int start, int end)
    {
        if (LaneWidth.Is16)
            start = Add<Lanes16>(source, target, target, start, end);
        if (LaneWidth.Is16 || LaneWidth.Is8)
            start = Add<Lanes8>(source, target, target, start, end);
        if (LaneWidth.Is4)
            start = Add<Lanes4>(source, target, target, start, end);
        Add<Lanes1>(source, target, target, start, end);
    }

    /// <summary>target += scale · source, rounded once, for elements [start, end).</summary>
    public static void AddScaled(float* source, float* target, int start, int end, float scale)
    {
        if (LaneWidth.Is16)
            start = AddScaled<Lanes16>(source, target, start, end, scale);
        if (LaneWidth.Is16 || LaneWidth.Is8)
            start = AddScaled<Lanes8>(source, target, start, end, scale);
        if (LaneWidth.Is4)
            start = AddScaled<Lanes4>(source, target, start, end, scale);
        AddScaled<Lanes1>(source, target, start, end, scale);
    }

    /// <summary>target += scale · source, rounded once.</summary>
    public static void AddScaled(ReadOnlySpan<float> source, Span<float> target, float scale)
    {
        fixed (float* from = source, to = target)
            AddScaled(from, to, 0, target.Length, scale);
    }

    /// <summary>target += share · (source − target): a part of the way from one to the other.</summary>
    public static void Pull(Span<float> target, ReadOnlySpan<float> source, float share)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = MathF.FusedMultiplyAdd(share, source[i] - target[i], target[i]);
    }

    /// <summary>target = a + b.</summary>
    public static void Add(float* a, float* b, float* target, int length)
    {
        int done = LaneWidth.Is16 ? Add<Lanes16>(a, b, target, 0, length)
            : LaneWidth.Is8 ? Add<Lanes8>(a, b, target, 0, length)
            : LaneWidth.Is4 ? Add<Lanes4>(a, b, target, 0, length)
            : 0;
        Add<Lanes1>(a, b, target, done, length);
    }

    /// <summary>target = a ⊙ b.</summary>
    public static void Multiply(float* a, float* b, float* target, int length)
    {
        int done = LaneWidth.Is16 ? Multiply<Lanes16>(a, b, target, 0, length)
            : LaneWidth.Is8 ? Multiply<Lanes8>(a, b, target, 0, length)
            : LaneWidth.Is4 ? Multiply<Lanes4>(a, b, target, 0, length)
            : 0;
        Multiply<Lanes1>(a, b, target, done, length);
    }

    /// <summary>target += source.</summary>
    public static void Add(ReadOnlySpan<float> source, Span<float> target)
    {
        fixed (float* from = source, to = target)
            Add(from, to, 0, target.Length);
    }

    /// <summary>sums[c] = Σ source[r, c] over all rows, for some columns: shard by shard, the shards as a tree.</summary>
    /// <param name="scratch">Room for <see cref="TreeSum.Buffers"/> rows.</param>
    public static void SumRows(Matrix source, SumOrder order, Span<float> sums, int start, int end, Matrix scratch)
    {
        if (start == end)
            return;
        int length = (end - start + 15) / 16 * 16;
        var tree = new TreeSum(scratch.Pointer, length, order.Shards);
        for (int shard = 0; shard < order.Shards; shard++)
        {
            float* sum = tree.Next(shard);
            new Span<float>(sum, length).Clear();
            (int first, int last) = order[shard];
            foreach (int row in order.Rows[first..last])
                Add(source.Row(row) + start, sum, 0, end - start);
            tree.Add(shard);
        }
        new ReadOnlySpan<float>(tree.Whole, end - start).CopyTo(sums[start..end]);
    }

    /// <summary>Every row of target = one row of source, for some columns (all, padding included, if not said).</summary>
    public static void Repeat(Matrix source, int row, Matrix target, int column = 0, int columns = -1)
    {
        columns = columns < 0 ? target.Stride : columns;
        var from = new ReadOnlySpan<float>(source.Row(row) + column, columns);
        for (int r = 0; r < target.Rows; r++)
            from.CopyTo(new Span<float>(target.Row(r) + column, columns));
    }

    /// <summary>Sets some columns to zero.</summary>
    public static void Clear(Matrix target, int start, int end)
    {
        for (int r = 0; r < target.Rows; r++)
            new Span<float>(target.Row(r) + start, end - start).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Add<L>(float* a, float* b, float* target, int start, int end) where L : struct, ILanes<L>
    {
        for (; start + L.Width <= end; start += L.Width)
            (L.Load(b + start) + L.Load(a + start)).Store(target + start);
        return start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int AddScaled<L>(float* source, float* target, int start, int end, float scale) where L : struct, ILanes<L>
    {
        L factor = L.Of(scale);
        for (; start + L.Width <= end; start += L.Width)
            L.FusedMultiplyAdd(factor, L.Load(source + start), L.Load(target + start)).Store(target + start);
        return start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Multiply<L>(float* a, float* b, float* target, int start, int end) where L : struct, ILanes<L>
    {
        for (; start + L.Width <= end; start += L.Width)
            (L.Load(a + start) * L.Load(b + start)).Store(target + start);
        return start;
    }
}
