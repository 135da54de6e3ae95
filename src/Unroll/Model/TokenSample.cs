// Which tokens take part in a window where the softmax is sampled: those that the window has, and of the others a sample, each of
// which stands for several. Refuses to know weights.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A part of the vocabulary, another part for every window.</summary>
internal sealed class TokenSample
{
    // Tokens stand in the vocabulary by falling frequency, about as 1/(rank + some): the root of that draws the frequent ones
    // more often and keeps the rare ones' weights small.
    private const int RankOffset = 16;

    private readonly int sample;
    private readonly double[] weightsBefore; // [V + 1] the weights of all tokens before one
    private readonly int[] window; // the window's own, as they are met
    private readonly int[] tokens; // in ascending order
    private readonly float[] corrections;
    private readonly int[] places; // [V] a token's place among them, or −1

    /// <param name="vocabularySize">V.</param>
    /// <param name="sample">N: how many others are drawn, where there are as many.</param>
    /// <param name="positions">T·B.</param>
    public TokenSample(int vocabularySize, int sample, int positions)
    {
        this.sample = sample;
        Most = MostOf(vocabularySize, sample, positions);
        (window, tokens, corrections) = (new int[Most], new int[Most], new float[Most]);
        (places, weightsBefore) = (new int[vocabularySize], new double[vocabularySize + 1]);
        Array.Fill(places, -1);
        for (int token = 0; token < vocabularySize; token++)
            weightsBefore[token + 1] = weightsBefore[token] + Weight(token);
    }

    /// <summary>The most tokens that ever take part.</summary>
    public int Most { get; }

    /// <summary>C: how many take part in this window.</summary>
    public int Count { get; private set; }

    /// <summary>[C] the tokens that take part, in ascending order.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, Count);

    /// <summary>[C] −log of the probability with which each was to take part: what is added to its logit.</summary>
    public ReadOnlySpan<float> Corrections => corrections.AsSpan(0, Count);

    /// <summary>The most tokens that take part in any window: what it reads, what it predicts, and the sample.</summary>
    public static int MostOf(int vocabularySize, int sample, int positions) => (int)Math.Min(vocabularySize, 2L * positions + sample);

    /// <summary>A token's place among those that take part, or −1.</summary>
    public int PlaceOf(int token) => places[token];

    /// <summary>Chooses the tokens for a window. Takes a time that hardly depends on the size of the vocabulary.</summary>
    /// <param name="inputs">[T·B] what it reads, in any order.</param>
    /// <param name="targets">[T·B] what it predicts.</param>
    /// <param name="random">Chooses the others.</param>
    public void Choose(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, RandomStream random)
    {
        foreach (int token in Tokens)
            places[token] = -1;
        Count = 0;
        int own = 0;
        Meet(inputs, ref own);
        Meet(targets, ref own);
        Array.Sort(window, 0, own);
        Merge(window.AsSpan(0, own), random.Uniform(0));
        for (int place = 0; place < Count; place++)
            places[tokens[place]] = place;
    }

    private static double Weight(int token) => 1 / Math.Sqrt(token + RankOffset);

    private void Meet(ReadOnlySpan<int> ids, ref int own)
    {
        foreach (int token in ids)
        {
            if (places[token] >= 0)
                continue;
            places[token] = 0;
            window[own++] = token;
        }
    }

    // The window's own tokens [w] ascending, and of the stretches of others between them a sample. First the likeliest, who take part
    // anyway and leave the rest to the others; then systematic sampling: along the line of the others' weights, one token at every
    // step of their mean share, from a random offset on.
    private void Merge(ReadOnlySpan<int> own, double offset)
    {
        int vocabularySize = places.Length;
        int left = Math.Min(sample, vocabularySize - own.Length); // others still to be drawn
        double sum = weightsBefore[^1]; // of the weights of the others that are left
        foreach (int token in own)
            sum -= Weight(token);
        double line = 0; // the weights of the others passed since the first that was not certain
        bool certain = true;
        int drawn = 0, reached = 0; // of the vocabulary
        for (int next = 0; next <= own.Length; next++)
        {
            int end = next < own.Length ? own[next] : vocabularySize;
            for (; certain && reached < end; reached++)
            {
                double weight = Weight(reached);
                if (left == 0 || left * weight < sum)
                {
                    certain = false;
                    break;
                }
                (left, sum) = (left - 1, sum - weight);
                Take(reached, 1);
            }
            if (!certain)
            {
                double before = weightsBefore[reached] - line, until = weightsBefore[end] - before;
                for (; drawn < left && (offset + drawn) * sum / left is var aim && aim < until && reached < end; drawn++)
                {
                    reached = Math.Max(reached, Find(before + aim, reached, end));
                    Take(reached, left * Weight(reached) / sum);
                    reached++;
                }
                line = until;
            }
            if (next < own.Length)
                Take(end, 1);
            reached = end + 1;
        }
    }

    // The last token of a stretch before which there is no more weight than that.
    private int Find(double weight, int first, int end)
    {
        int found = Array.BinarySearch(weightsBefore, first, end - first, weight);
        return Math.Max(first, found >= 0 ? found : ~found - 1);
    }

    private void Take(int token, double probability)
    {
        (tokens[Count], corrections[Count]) = (token, probability < 1 ? -(float)Functions.Log(probability) : 0);
        Count++;
    }
}
