// r, z = σ(·); h = (1 − z) ⊙ n + z ⊙ h[t−1]. The two variants differ in where r enters n; gates r z n.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>The gated recurrent unit as torch.nn.GRU has it: n = tanh(W_in·x + b_in + r ⊙ (W_hn·h + b_hn)).
/// Plane 2 holds n's input part, plane 3 its recurrent part q = W_hn·h + b_hn.</summary>
internal readonly unsafe struct GruResetAfterCell : ICell
{
    public static CellShape Shape { get; } = new() { Gates = 3, Planes = 4, Products = [new(0, 0), new(1, 1), new(2, 3)], Valves = [("reset", 0), ("update", 1)] };

    public static bool Activates => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        Functions.Sigmoid(L.Load(step.Gate0 + i)).Store(step.Gate0 + i);
        Functions.Sigmoid(L.Load(step.Gate1 + i)).Store(step.Gate1 + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L candidate = Functions.Tanh(L.FusedMultiplyAdd(L.Load(step.Gate0 + i), L.Load(step.Gate3 + i), L.Load(step.Gate2 + i)));
        candidate.Store(step.Gate2 + i);
        L.FusedMultiplyAdd(L.Load(step.Gate1 + i), L.Load(step.HiddenBefore + i) - candidate, candidate).Store(step.Hidden + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L one = L.Of(1), zero = L.Of(0);
        L reset = L.Load(step.Gate0 + i), update = L.Load(step.Gate1 + i), candidate = L.Load(step.Gate2 + i), recurrent = L.Load(step.Gate3 + i);
        L dHidden = L.Load(step.HiddenGradient + i);
        L dCandidate = dHidden * (one - update) * L.FusedMultiplyAdd(zero - candidate, candidate, one);
        (dCandidate * recurrent * (reset * (one - reset))).Store(step.Gate0 + i);
        (dHidden * (L.Load(step.HiddenBefore + i) - candidate) * (update * (one - update))).Store(step.Gate1 + i);
        dCandidate.Store(step.Gate2 + i);
        (dCandidate * reset).Store(step.Gate3 + i);
        L.FusedMultiplyAdd(dHidden, update, L.Load(step.HiddenGradientBefore + i)).Store(step.HiddenGradientBefore + i);
    }
}

/// <summary>The gated recurrent unit as the book's model from scratch has it: n = tanh(W_in·x + W_hn·(r ⊙ h) + b_n).
/// The extra plane holds r ⊙ h[t−1], the source of the second stage.</summary>
internal readonly unsafe struct GruResetBeforeCell : ICell
{
    public static CellShape Shape { get; } = new()
    {
        Gates = 3,
        Planes = 3,
        HasExtra = true,
        Products = [new(0, 0), new(1, 1), new(2, 2, ProductSource.Extra, Stage: 1)],
        Valves = [("reset", 0), ("update", 1)],
    };

    public static bool Activates => false;

    public static void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        if (stage == 0)
        {
            L reset = Functions.Sigmoid(L.Load(step.Gate0 + i));
            reset.Store(step.Gate0 + i);
            Functions.Sigmoid(L.Load(step.Gate1 + i)).Store(step.Gate1 + i);
            (reset * L.Load(step.HiddenBefore + i)).Store(step.Extra + i);
            return;
        }
        L candidate = Functions.Tanh(L.Load(step.Gate2 + i));
        candidate.Store(step.Gate2 + i);
        L.FusedMultiplyAdd(L.Load(step.Gate1 + i), L.Load(step.HiddenBefore + i) - candidate, candidate).Store(step.Hidden + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L one = L.Of(1), zero = L.Of(0);
        L hiddenBefore = L.Load(step.HiddenBefore + i), dBefore = L.Load(step.HiddenGradientBefore + i);
        if (stage == 1)
        {
            L update = L.Load(step.Gate1 + i), candidate = L.Load(step.Gate2 + i), dHidden = L.Load(step.HiddenGradient + i);
            (dHidden * (hiddenBefore - candidate) * (update * (one - update))).Store(step.Gate1 + i);
            (dHidden * (one - update) * L.FusedMultiplyAdd(zero - candidate, candidate, one)).Store(step.Gate2 + i);
            L.FusedMultiplyAdd(dHidden, update, dBefore).Store(step.HiddenGradientBefore + i);
            return;
        }
        L reset = L.Load(step.Gate0 + i), dSource = L.Load(step.ExtraGradient + i);
        (dSource * hiddenBefore * (reset * (one - reset))).Store(step.Gate0 + i);
        L.FusedMultiplyAdd(dSource, reset, dBefore).Store(step.HiddenGradientBefore + i);
    }
}
