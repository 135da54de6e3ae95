// The probabilities of several networks, averaged. Everything is a logarithm: a rare token's probability must not round to zero
// on the way.
namespace Unroll.Kernels;

/// <summary>log of a mean of probabilities.</summary>
internal static class Mixing
{
    /// <summary>log (1/K) Σₖ exp(xₖ), element by element.</summary>
    /// <param name="logProbabilities">[K][n]: in nats; at most 0 but for rounding.</param>
    /// <param name="mixed">[n].</param>
    public static void LogMean(ReadOnlySpan<float[]> logProbabilities, Span<float> mixed)
    {
        double logCount = Functions.Log(logProbabilities.Length);
        for (int i = 0; i < mixed.Length; i++)
        {
            // The largest first: log Σ exp(xₖ) = largest + log Σ exp(xₖ − largest). The sum is a chain in the networks' order.
            float largest = logProbabilities[0][i];
            foreach (float[] one in logProbabilities[1..])
                largest = one[i] > largest ? one[i] : largest;
            double sum = 0;
            foreach (float[] one in logProbabilities)
                sum += Functions.Exp((double)one[i] - largest);
            mixed[i] = (float)(largest + (Functions.Log(sum) - logCount));
        }
    }
}
