// The accumulators of a tile, composed like binary numbers: one row, twice a tile, a tile and one more row.
// The compiler flattens the nested structs into registers, so every height from 1 to 12 costs one type name.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>One row, two vectors wide.</summary>
internal unsafe struct WideRow<L> : IAccumulators<WideRow<L>, L> where L : struct, ILanes<L>
{
    private L c0, c1;

    public static int Height => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* c, nint stride)
    {
        c0 = L.Load(c);
        c1 = L.Load(c + L.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* c, nint stride)
    {
        c0.Store(c);
        c1.Store(c + L.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(float* c, nint stride)
    {
        (L.Load(c) + c0).Store(c);
        (L.Load(c + L.Width) + c1).Store(c + L.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* a, nint stride, L b0, L b1)
    {
        L x = L.Of(*a);
        c0.Accumulate(x, b0);
        c1.Accumulate(x, b1);
    }
}

/// <summary>One row, one vector wide: the last panel of a matrix whose columns end early.</summary>
internal unsafe struct NarrowRow<L> : IAccumulators<NarrowRow<L>, L> where L : struct, ILanes<L>
{
    private L c0;

    public static int Height => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* c, nint stride) => c0 = L.Load(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* c, nint stride) => c0.Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(float* c, nint stride) => (L.Load(c) + c0).Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* a, nint stride, L b0, L b1) => c0.Accumulate(L.Of(*a), b0);
}

/// <summary>A tile above another of the same height.</summary>
internal unsafe struct Twice<R, L> : IAccumulators<Twice<R, L>, L> where R : struct, IAccumulators<R, L> where L : struct, ILanes<L>
{
    private R top = default, bottom = default;

    public Twice()
    {
    }

    public static int Height => 2 * R.Height;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* c, nint stride)
    {
        top.Load(c, stride);
        bottom.Load(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* c, nint stride)
    {
        top.Store(c, stride);
        bottom.Store(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(float* c, nint stride)
    {
        top.AddTo(c, stride);
        bottom.AddTo(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* a, nint stride, L b0, L b1)
    {
        top.Add(a, stride, b0, b1);
        bottom.Add(a + R.Height * stride, stride, b0, b1);
    }
}

/// <summary>A tile and one row below it.</summary>
internal unsafe struct Plus<R, TRow, L> : IAccumulators<Plus<R, TRow, L>, L>
    where R : struct, IAccumulators<R, L> where TRow : struct, IAccumulators<TRow, L> where L : struct, ILanes<L>
{
    private R top = default;
    private TRow bottom = default;

    public Plus()
    {
    }

    public static int Height => R.Height + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(float* c, nint stride)
    {
        top.Load(c, stride);
        bottom.Load(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* c, nint stride)
    {
        top.Store(c, stride);
        bottom.Store(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddTo(float* c, nint stride)
    {
        top.AddTo(c, stride);
        bottom.AddTo(c + R.Height * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float* a, nint stride, L b0, L b1)
    {
        top.Add(a, stride, b0, b1);
        bottom.Add(a + R.Height * stride, stride, b0, b1);
    }
}
