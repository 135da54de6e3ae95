// f, o = σ(·), g = tanh(·); c = f ⊙ c[t−1] + (1 − f) ⊙ g; h = o ⊙ tanh(c).
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Long short-term memory whose input gate is coupled to the forget gate, i = 1 − f ("CIFG"; Greff et al. 2017, "LSTM: A
/// Search Space Odyssey"). Gates f g o; the extra plane keeps tanh(c).</summary>
internal readonly unsafe struct CifgCell : ICell
{
    public static CellShape Shape { get; } = new()
    {
        Gates = 3,
        Planes = 3,
        Products = CellShape.OnePerGate(3),
        Memory = "cell",
        HasExtra = true,
        Valves = [("forget", 0), ("output", 2)],
        ForgetGate = 0,
    };

    public static bool Activates => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        Functions.Sigmoid(L.Load(step.Gate0 + i)).Store(step.Gate0 + i);
        Functions.Tanh(L.Load(step.Gate1 + i)).Store(step.Gate1 + i);
        Functions.Sigmoid(L.Load(step.Gate2 + i)).Store(step.Gate2 + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L forget = L.Load(step.Gate0 + i), candidate = L.Load(step.Gate1 + i), output = L.Load(step.Gate2 + i);
        L cell = L.FusedMultiplyAdd(forget, L.Load(step.MemoryBefore + i) - candidate, candidate);
        L tanhCell = Functions.Tanh(cell);
        cell.Store(step.Memory + i);
        tanhCell.Store(step.Extra + i);
        (output * tanhCell).Store(step.Hidden + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L one = L.Of(1), zero = L.Of(0);
        L forget = L.Load(step.Gate0 + i), candidate = L.Load(step.Gate1 + i), output = L.Load(step.Gate2 + i);
        L tanhCell = L.Load(step.Extra + i);
        L dHidden = L.Load(step.HiddenGradient + i);

        // ∂c = ∂h·o·(1 − tanh²c) + what came back from step t+1.
        L dCell = L.FusedMultiplyAdd(dHidden * output, L.FusedMultiplyAdd(zero - tanhCell, tanhCell, one), L.Load(step.MemoryGradient + i));
        (dCell * forget).Store(step.MemoryGradient + i);
        (dCell * (L.Load(step.MemoryBefore + i) - candidate) * (forget * (one - forget))).Store(step.Gate0 + i);
        (dCell * (one - forget) * L.FusedMultiplyAdd(zero - candidate, candidate, one)).Store(step.Gate1 + i);
        (dHidden * tanhCell * (output * (one - output))).Store(step.Gate2 + i);
    }
}
