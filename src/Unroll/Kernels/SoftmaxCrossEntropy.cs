// Softmax, cross-entropy and its gradient of rows of logits. Sums run over 16 lanes whatever the
// machine's width: lane j adds the elements j, j+16, j+32 …, and the lanes are added in one fixed tree.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>−log softmax(logits)[target], and ∂/∂logits.</summary>
internal static unsafe class SoftmaxCrossEntropy
{
    private const int SumLanes = 16;

    /// <summary>The most rows that are scored side by side: a row is one long chain (largest, exponentials, sum, logarithm), and
    /// only several of them keep the processor busy.</summary>
    private const int MostTogether = 16;

    /// <summary>The most floats of rows scored side by side: they stay in the first-level cache.</summary>
    private const int MostLength = 4096;

    /// <summary>What logits hold in the padding beyond V: no probability.</summary>
    public const float Padding = float.NegativeInfinity;

    /// <summary>Scores rows of logits.</summary>
    /// <param name="logits">[rows, V], padded with <see cref="Padding"/> to a multiple of 16; with a gradient wanted, overwritten by it.</param>
    /// <param name="targets">[rows] ids.</param>
    /// <param name="losses">[rows]: the cross-entropies in nats.</param>
    /// <param name="gradientScale">What the gradient is multiplied by; 0 leaves the logits as they are.</param>
    public static void Rows(Matrix logits, ReadOnlySpan<int> targets, Span<float> losses, float gradientScale)
    {
        if (LaneWidth.Is16)
            Rows<Lanes16>(logits, targets, losses, gradientScale);
        else if (LaneWidth.Is8)
            Rows<Lanes8>(logits, targets, losses, gradientScale);
        else if (LaneWidth.Is4)
            Rows<Lanes4>(logits, targets, losses, gradientScale);
        else
            Rows<Lanes1>(logits, targets, losses, gradientScale);
    }

    /// <summary>log softmax of one row: element v is the negative of the loss that <see cref="Rows(Matrix, ReadOnlySpan{int}, Span{float}, float)"/>
    /// gives the target v, to the bit.</summary>
    /// <param name="logits">[V], padded with <see cref="Padding"/> to a multiple of 16.</param>
    /// <param name="logProbabilities">[V], in nats.</param>
    public static void LogProbabilities(ReadOnlySpan<float> logits, Span<float> logProbabilities)
    {
        fixed (float* row = logits)
        {
            float* sums = stackalloc float[SumLanes];
            int length = (logProbabilities.Length + SumLanes - 1) / SumLanes * SumLanes;
            ArgumentOutOfRangeException.ThrowIfLessThan(logits.Length, length);
            (float largest, float total) = LaneWidth.Is16 ? Sum<Lanes16>(row, length, sums)
                : LaneWidth.Is8 ? Sum<Lanes8>(row, length, sums)
                : LaneWidth.Is4 ? Sum<Lanes4>(row, length, sums)
                : Sum<Lanes1>(row, length, sums);
            double log = Functions.Log(total);
            for (int v = 0; v < logProbabilities.Length; v++)
                logProbabilities[v] = (float)(row[v] - largest - log);
        }
    }

    private static (float Largest, float Total) Sum<L>(float* row, int length, float* sums) where L : struct, ILanes<L>
    {
        float largest = Largest<L>(row, length, sums);
        return (largest, SumOfExp<L>(row, length, largest, sums, keep: false));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<L>(Matrix logits, ReadOnlySpan<int> targets, Span<float> losses, float gradientScale) where L : struct, ILanes<L>
    {
        float* sums = stackalloc float[SumLanes], largest = stackalloc float[MostTogether], totals = stackalloc float[MostTogether];
        int length = (logits.Columns + SumLanes - 1) / SumLanes * SumLanes;
        int most = Math.Clamp(MostLength / length, 1, MostTogether);
        for (int first = 0; first < logits.Rows; first += most)
        {
            int together = Math.Min(most, logits.Rows - first);
            for (int i = 0; i < together; i++)
                largest[i] = Largest<L>(logits.Row(first + i), length, sums);
            for (int i = 0; i < together; i++)
            {
                float* row = logits.Row(first + i);
                losses[first + i] = row[targets[first + i]] - largest[i];
                totals[i] = SumOfExp<L>(row, length, largest[i], sums, keep: gradientScale != 0);
            }
            for (int i = 0; i < together; i++)
                losses[first + i] = (float)(Functions.Log(totals[i]) - losses[first + i]);
            if (gradientScale == 0)
                continue;
            for (int i = 0; i < together; i++)
            {
                // ∂/∂logit[v] = (softmax[v] − [v = target]) · scale
                float* row = logits.Row(first + i);
                L factor = L.Of(gradientScale / totals[i]);
                for (int v = 0; v < length; v += L.Width)
                    (L.Load(row + v) * factor).Store(row + v);
                row[targets[first + i]] -= gradientScale;
            }
        }
    }

    /// <summary>The largest element, or, where there are NaNs, any: the sum of exponentials is NaN then. Of 0 and −0
    /// either, as the width has it: neither an exponential nor a loss shows which.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest<L>(float* row, int length, float* lanes) where L : struct, ILanes<L>
    {
        L largest = L.Load(row);
        for (int v = L.Width; v < length; v += L.Width)
            largest = L.Max(largest, L.Load(row + v));
        largest.Store(lanes);
        float result = lanes[0];
        for (int lane = 1; lane < L.Width; lane++)
            result = float.MaxNative(lanes[lane], result);
        return result;
    }

    /// <summary>Σ exp(row − largest); with <paramref name="keep"/> the exponentials replace the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOfExp<L>(float* row, int length, float largest, float* sums, bool keep) where L : struct, ILanes<L>
    {
        L shift = L.Of(largest);
        for (int lane = 0; lane < SumLanes; lane += L.Width)
        {
            L sum = L.Of(0);
            for (int v = lane; v < length; v += SumLanes)
            {
                L e = Functions.Exp(L.Load(row + v) - shift);
                if (keep)
                    e.Store(row + v);
                sum += e;
            }
            sum.Store(sums + lane);
        }
        for (int half = SumLanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                sums[lane] += sums[lane + half];
        return sums[0];
    }
}
