// h = φ(a), with a = W_ih·x + W_hh·h[t−1] + b.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>The plain cell's nonlinearity, and its derivative in terms of its value.</summary>
internal interface INonlinearity
{
    static abstract L Apply<L>(L a) where L : struct, ILanes<L>;

    /// <summary>gradient · φ′(a), from h = φ(a).</summary>
    static abstract L Derive<L>(L h, L gradient) where L : struct, ILanes<L>;
}

/// <summary>φ = tanh; φ′ = 1 − h².</summary>
internal readonly struct TanhNonlinearity : INonlinearity
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Apply<L>(L a) where L : struct, ILanes<L> => Functions.Tanh(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Derive<L>(L h, L gradient) where L : struct, ILanes<L> =>
        gradient * L.FusedMultiplyAdd(L.Of(0) - h, h, L.Of(1));
}

/// <summary>φ = max(·, 0); φ′ = 1 where h &gt; 0.</summary>
internal readonly struct ReluNonlinearity : INonlinearity
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Apply<L>(L a) where L : struct, ILanes<L> => L.Max(L.Of(0), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Derive<L>(L h, L gradient) where L : struct, ILanes<L> => L.WherePositive(h, gradient);
}

/// <summary>The plain recurrent cell (d2l 8.4).</summary>
internal readonly unsafe struct RnnCell<TNonlinearity> : ICell where TNonlinearity : struct, INonlinearity
{
    public static CellShape Shape { get; } = new() { Gates = 1, Planes = 1, Products = CellShape.OnePerGate(1) };

    public static bool Activates => false;

    public static void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L> =>
        TNonlinearity.Apply(L.Load(step.Gate0 + i)).Store(step.Hidden + i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L> =>
        TNonlinearity.Derive(L.Load(step.Hidden + i), L.Load(step.HiddenGradient + i)).Store(step.Gate0 + i);
}
