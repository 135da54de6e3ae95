// How large a surprise a prediction expects. The sum runs over 16 lanes whatever the machine's width, and the lanes are added in
// one fixed tree, as in SoftmaxCrossEntropy.cs.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>−Σ p·log p.</summary>
internal static unsafe class Entropy
{
    private const int SumLanes = 16;

    /// <summary>Below this a logarithm of a probability adds nothing that a float could hold.</summary>
    private const float Least = -87;

    /// <summary>The entropy of a distribution: the mean of its losses, were its tokens to come as likely as it says.</summary>
    /// <param name="logProbabilities">[V], in nats.</param>
    /// <returns>Nats.</returns>
    public static float Of(ReadOnlySpan<float> logProbabilities) =>
        LaneWidth.Is16 ? Of<Lanes16>(logProbabilities)
            : LaneWidth.Is8 ? Of<Lanes8>(logProbabilities)
            : LaneWidth.Is4 ? Of<Lanes4>(logProbabilities)
            : Of<Lanes1>(logProbabilities);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Of<L>(ReadOnlySpan<float> logProbabilities) where L : struct, ILanes<L>
    {
        float* sums = stackalloc float[SumLanes], rest = stackalloc float[SumLanes];
        int whole = logProbabilities.Length / SumLanes * SumLanes;
        var padded = new Span<float>(rest, SumLanes);
        padded.Clear(); // a certainty adds nothing
        logProbabilities[whole..].CopyTo(padded);
        fixed (float* row = logProbabilities)
        {
            for (int lane = 0; lane < SumLanes; lane += L.Width)
            {
                L sum = L.Of(0);
                for (int v = lane; v < whole; v += SumLanes)
                    sum = Add(sum, L.Load(row + v));
                Add(sum, L.Load(rest + lane)).Store(sums + lane);
            }
        }
        for (int half = SumLanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                sums[lane] += sums[lane + half];
        return 0 - sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Add<L>(L sum, L logProbability) where L : struct, ILanes<L>
    {
        L log = L.Clamp(logProbability, L.Of(Least), L.Of(0));
        return L.FusedMultiplyAdd(Functions.Exp(log), log, sum);
    }
}
