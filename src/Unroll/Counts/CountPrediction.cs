// The prediction itself, and how its weights learn. A context k multiplies the probability of what followed it: interpolated
// Kneser–Ney says p_k(j) = max(c − D, 0) / T + g·p_{k−1}(j), so seen tokens gain log p_k(j) − log g·p_{k−1}(j) over unseen ones.
// That gain, the boost, is sparse: only a context's followers have one. Logits are log p_0(j) + Σ_k (scale_k · boost_k(j) +
// offset_k(j)); all scales one and all offsets zero would be Kneser–Ney. Several chains of contexts simply add up.
using Unroll.Kernels;

namespace Unroll.Counts;

/// <summary>What counts predict after a context.</summary>
internal sealed class CountPrediction
{
    private const int LogitsPadding = 16;

    private readonly Contexts contexts;
    private readonly TextCounts counts;
    private readonly CountWeights weights;
    private readonly int vocabulary; // V
    private readonly float[] logits; // [V], padded and pinned
    private readonly double[] shares; // [V] those of no context, between two predictions
    private readonly float[] loss = new float[1];
    private readonly int[] starts, kinds; // [levels + 1], [levels]
    private int[] tokens = new int[256], places = new int[256]; // of all levels' followers, one after another
    private float[] boosts = new float[256];
    private double[] branch = new double[256]; // of the first chain's followers, where the second one branches off
    private int match, last;
    private int round = -1; // of the counts' updates

    /// <summary>Predictions by counts and weights, which may change between them.</summary>
    public CountPrediction(Contexts contexts, TextCounts counts, CountWeights weights)
    {
        (this.contexts, this.counts, this.weights) = (contexts, counts, weights);
        vocabulary = counts.Shares.Length;
        logits = GC.AllocateArray<float>((vocabulary + LogitsPadding - 1) / LogitsPadding * LogitsPadding, pinned: true);
        shares = new double[vocabulary];
        (starts, kinds) = (new int[contexts.Levels + 1], new int[contexts.Levels]);
    }

    /// <summary>[V] and padding: the last prediction, not normalised.</summary>
    public ReadOnlySpan<float> Logits => logits;

    /// <summary>How many of the first chain's contexts were known.</summary>
    public int Order { get; private set; }

    /// <summary>Predicts.</summary>
    /// <param name="keys">[levels] the contexts.</param>
    /// <param name="lastToken">The token before.</param>
    public void Predict(ReadOnlySpan<ulong> keys, int lastToken)
    {
        counts.Logs.CopyTo(logits);
        logits.AsSpan(vocabulary).Fill(SoftmaxCrossEntropy.Padding);
        if (round != counts.Rounds)
        {
            counts.Shares.CopyTo(shares);
            round = counts.Rounds;
        }
        last = lastToken % CountWeights.LastTokens;
        ContextChain first = contexts.Chains[0], second = contexts.Chains[1];
        match = (Order = Known(first, keys)) + Known(second, keys) * (Contexts.Orders + 1);

        double unit = 1; // shares[j]·unit is p_k(j)
        Boost(keys, first.First, second.Branch, ref unit);
        double branchUnit = unit;
        // What follows a context also follows its shorter ones: only followers of a chain's first level have other shares.
        int followers = second.Branch == 0 ? 0 : starts[1];
        if (followers > branch.Length)
            branch = new double[tokens.Length];
        for (int i = 0; i < followers; i++)
            branch[i] = shares[tokens[i]];
        Boost(keys, second.Branch, first.Length - second.Branch, ref unit);
        for (int i = 0; i < starts[1]; i++)
            shares[tokens[i]] = i < followers ? branch[i] : counts.Shares[tokens[i]];
        Boost(keys, second.First, second.Length, ref branchUnit);
        for (int i = 0; i < starts[1]; i++)
            shares[tokens[i]] = counts.Shares[tokens[i]];
        for (int i = starts[second.First]; i < starts[second.First + 1]; i++)
            shares[tokens[i]] = counts.Shares[tokens[i]];
    }

    /// <summary>Learns from what came: a step of stochastic gradient descent on −log p(token). The prediction is used up.</summary>
    public void Learn(int token)
    {
        SoftmaxCrossEntropy.Rows(Matrix.OfPinned(logits, 0, 1, vocabulary), [token], loss, gradientScale: 1);
        Span<float> offsets = stackalloc float[CountWeights.FollowerKinds];
        for (int level = 0; level < kinds.Length; level++)
        {
            if (starts[level + 1] == starts[level])
                continue;
            float gradient = 0;
            offsets.Clear();
            int first = CountWeights.OffsetPlace(level, kinds[level], 0);
            for (int i = starts[level]; i < starts[level + 1]; i++)
            {
                float ofLogit = logits[tokens[i]];
                gradient += ofLogit * boosts[i];
                offsets[places[i] - first] += ofLogit;
            }
            for (int i = 0; i < offsets.Length; i++)
            {
                if (offsets[i] != 0)
                    weights.LearnOffset(first + i, offsets[i]);
            }
            weights.LearnScale(level, kinds[level], match, last, gradient);
        }
    }

    private int Known(ContextChain chain, ReadOnlySpan<ulong> keys)
    {
        int known = 0;
        while (known < chain.Length && counts.Find(keys[chain.First + known], out _).Length > 0)
            known++;
        return known;
    }

    private void Boost(ReadOnlySpan<ulong> keys, int first, int length, ref double unit)
    {
        for (int level = first; level < first + length; level++)
        {
            starts[level + 1] = starts[level];
            Boost(level, keys[level], ref unit);
        }
    }

    /// <summary>Adds a context's boosts to the logits.</summary>
    private void Boost(int level, ulong key, ref double unit)
    {
        ReadOnlySpan<Follower> followers = counts.Find(key, out int total);
        if (followers.IsEmpty)
            return;
        Discounts discounts = counts.Discounts(level);
        double inverse = 1.0 / total;
        float kept = 0;
        foreach (ref readonly Follower follower in followers)
            kept += discounts.Of(follower.Count);
        unit *= kept * inverse;
        int kind = Math.Min(7, CountTable.Exponent(total)) * 7 + Math.Min(6, followers.Length - 1);
        float scale = weights.Scale(level, kind, match, last);
        int end = starts[level] + followers.Length;
        if (end > tokens.Length)
            Lengthen(end);
        double share = inverse / unit;
        for (int i = 0; i < followers.Length; i++)
        {
            (int token, int count) = followers[i];
            double gain = (count - discounts.Of(count)) * share;
            float boost = BoostLog.Of((float)(1 + gain / shares[token]));
            shares[token] += gain;
            int kindOfCount = count < 4 ? count : Math.Min(7, CountTable.Exponent(count) + 2);
            int place = CountWeights.OffsetPlace(level, kind, kindOfCount * 2 + (i == 0 ? 1 : 0));
            (tokens[starts[level] + i], boosts[starts[level] + i], places[starts[level] + i]) = (token, boost, place);
            logits[token] += scale * boost + weights.Offset(place);
        }
        (starts[level + 1], kinds[level]) = (end, kind);
    }

    private void Lengthen(int length)
    {
        length = Math.Max(length, 2 * tokens.Length);
        Array.Resize(ref tokens, length);
        Array.Resize(ref places, length);
        Array.Resize(ref boosts, length);
    }
}
