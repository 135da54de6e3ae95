using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Fused multiply-adds on registers only: nothing on this machine computes faster. What shares of a peak are shares of.</summary>
internal static unsafe class PeakLoop
{
    /// <summary>Enough independent chains to fill two units of four cycles' latency, and few enough for 16 registers.</summary>
    private const int Chains = 12;

    /// <summary>Floating-point operations of one round, a multiply-add counting two.</summary>
    public static long OperationsPerRound => 2L * Chains * LaneWidth.Current;

    /// <summary>Runs so many rounds.</summary>
    /// <returns>A number that depends on all of them, so that none is left out.</returns>
    public static float Run(int rounds) =>
        LaneWidth.Is16 ? Run<Lanes16>(rounds) : LaneWidth.Is8 ? Run<Lanes8>(rounds) : LaneWidth.Is4 ? Run<Lanes4>(rounds) : Run<Lanes1>(rounds);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<L>(int rounds) where L : struct, ILanes<L>
    {
        L x = L.Of(0.999f), y = L.Of(0.001f);
        L c0 = y, c1 = y, c2 = y, c3 = y, c4 = y, c5 = y, c6 = y, c7 = y, c8 = y, c9 = y, c10 = y, c11 = y;
        for (; rounds > 0; rounds--)
        {
            c0 = L.FusedMultiplyAdd(c0, x, y);
            c1 = L.FusedMultiplyAdd(c1, x, y);
            c2 = L.FusedMultiplyAdd(c2, x, y);
            c3 = L.FusedMultiplyAdd(c3, x, y);
            c4 = L.FusedMultiplyAdd(c4, x, y);
            c5 = L.FusedMultiplyAdd(c5, x, y);
            c6 = L.FusedMultiplyAdd(c6, x, y);
            c7 = L.FusedMultiplyAdd(c7, x, y);
            c8 = L.FusedMultiplyAdd(c8, x, y);
            c9 = L.FusedMultiplyAdd(c9, x, y);
            c10 = L.FusedMultiplyAdd(c10, x, y);
            c11 = L.FusedMultiplyAdd(c11, x, y);
        }
        float* result = stackalloc float[16];
        (c0 + c1 + (c2 + c3) + (c4 + c5 + (c6 + c7)) + (c8 + c9 + (c10 + c11))).Store(result);
        return result[0];
    }
}
