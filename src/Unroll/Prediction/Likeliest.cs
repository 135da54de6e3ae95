using Unroll.Kernels;

namespace Unroll.Prediction;

/// <summary>The tokens that a distribution holds likeliest.</summary>
internal static class Likeliest
{
    /// <summary>The likeliest first, ties by id; never the unknown token. Few are asked for: each finds its place among those before it.</summary>
    /// <param name="logProbabilities">[V], in nats.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="entropy">The distribution's, if it is known.</param>
    public static TokenPrediction[] Of(ReadOnlySpan<float> logProbabilities, Vocabulary vocabulary, int most, float? entropy = null)
    {
        if (most == 0)
            return [];
        int[] best = new int[Math.Min(most, logProbabilities.Length - 1)];
        int found = 0;
        for (int id = Vocabulary.UnknownId + 1; id < logProbabilities.Length && best.Length > 0; id++)
        {
            if (found == best.Length && logProbabilities[id] <= logProbabilities[best[^1]])
                continue;
            int place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && logProbabilities[id] > logProbabilities[best[place - 1]]; place--)
                best[place] = best[place - 1];
            best[place] = id;
        }
        float expected = entropy ?? Entropy.Of(logProbabilities);
        var likeliest = new TokenPrediction[found];
        for (int i = 0; i < found; i++)
            likeliest[i] = new TokenPrediction(best[i], vocabulary[best[i]], logProbabilities[best[i]]) { Entropy = expected };
        return likeliest;
    }
}
