// i, f, o = σ(·), g = tanh(·); c = f ⊙ c[t−1] + i ⊙ g; h = o ⊙ tanh(c).
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997; d2l 9.2). Gates i f g o; the extra plane keeps tanh(c).</summary>
internal readonly unsafe struct LstmCell : ICell
{
    public static CellShape Shape { get; } = new()
    {
        Gates = 4,
        Planes = 4,
        Products = CellShape.OnePerGate(4),
        Memory = "cell",
        HasExtra = true,
        Valves = [("input", 0), ("forget", 1), ("output", 3)],
        ForgetGate = 1,
    };

    public static bool Activates => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        Functions.Sigmoid(L.Load(step.Gate0 + i)).Store(step.Gate0 + i);
        Functions.Sigmoid(L.Load(step.Gate1 + i)).Store(step.Gate1 + i);
        Functions.Tanh(L.Load(step.Gate2 + i)).Store(step.Gate2 + i);
        Functions.Sigmoid(L.Load(step.Gate3 + i)).Store(step.Gate3 + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L input = L.Load(step.Gate0 + i), forget = L.Load(step.Gate1 + i), candidate = L.Load(step.Gate2 + i), output = L.Load(step.Gate3 + i);
        L cell = L.FusedMultiplyAdd(forget, L.Load(step.MemoryBefore + i), input * candidate);
        L tanhCell = Functions.Tanh(cell);
        cell.Store(step.Memory + i);
        tanhCell.Store(step.Extra + i);
        (output * tanhCell).Store(step.Hidden + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>
    {
        L one = L.Of(1), zero = L.Of(0);
        L input = L.Load(step.Gate0 + i), forget = L.Load(step.Gate1 + i), candidate = L.Load(step.Gate2 + i), output = L.Load(step.Gate3 + i);
        L tanhCell = L.Load(step.Extra + i);
        L dHidden = L.Load(step.HiddenGradient + i);

        // ∂c = ∂h·o·(1 − tanh²c) + what came back from step t+1.
        L dCell = L.FusedMultiplyAdd(dHidden * output, L.FusedMultiplyAdd(zero - tanhCell, tanhCell, one), L.Load(step.MemoryGradient + i));
        (dCell * forget).Store(step.MemoryGradient + i);
        (dCell * candidate * (input * (one - input))).Store(step.Gate0 + i);
        (dCell * L.Load(step.MemoryBefore + i) * (forget * (one - forget))).Store(step.Gate1 + i);
        (dCell * input * L.FusedMultiplyAdd(zero - candidate, candidate, one)).Store(step.Gate2 + i);
        (dHidden * tanhCell * (output * (one - output))).Store(step.Gate3 + i);
    }
}
