// A distribution as whole numbers, for a coder whose two ends must agree on every bit: exponentials that are the same at every
// width, times a power of two, cut to whole numbers. The sum of whole numbers has no order.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Probabilities as whole numbers.</summary>
internal static unsafe class Frequencies
{
    /// <summary>What probability 1 becomes.</summary>
    public const float One = 1 << 24;

    private const int Block = 16;

    /// <summary>Below this a probability is less than one part of <see cref="One"/>.</summary>
    private const float Least = -87;

    /// <summary>Makes frequencies of a distribution.</summary>
    /// <param name="logProbabilities">[V], in nats.</param>
    /// <param name="frequencies">[V]: each at least 1, so that nothing is impossible.</param>
    /// <returns>Their sum: near <see cref="One"/> + V.</returns>
    public static ulong Of(ReadOnlySpan<float> logProbabilities, Span<uint> frequencies) =>
        LaneWidth.Is16 ? Of<Lanes16>(logProbabilities, frequencies)
            : LaneWidth.Is8 ? Of<Lanes8>(logProbabilities, frequencies)
            : LaneWidth.Is4 ? Of<Lanes4>(logProbabilities, frequencies)
            : Of<Lanes1>(logProbabilities, frequencies);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Of<L>(ReadOnlySpan<float> logProbabilities, Span<uint> frequencies) where L : struct, ILanes<L>
    {
        float* block = stackalloc float[Block];
        var values = new Span<float>(block, Block);
        ulong sum = 0;
        for (int first = 0; first < logProbabilities.Length; first += Block)
        {
            int count = Math.Min(Block, logProbabilities.Length - first);
            if (count < Block)
                values.Fill(Least);
            logProbabilities.Slice(first, count).CopyTo(values);
            for (int lane = 0; lane < Block; lane += L.Width)
                (Functions.Exp(L.Clamp(L.Load(block + lane), L.Of(Least), L.Of(0))) * L.Of(One)).Store(block + lane);
            Span<uint> made = frequencies.Slice(first, count);
            for (int i = 0; i < made.Length; i++)
            {
                uint frequency = (uint)(int)block[i] + 1;
                made[i] = frequency;
                sum += frequency;
            }
        }
        return sum;
    }
}
