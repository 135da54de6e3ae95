// The prediction itself, and how its weights learn. A context k multiplies the probability of what followed it: interpolated
// Kneser–Ney says p_k(j) = max(c − D, 0) / T + g·p_{k−1}(j), so seen tokens gain log p_k(j) − log g·p_{k−1}(j) over unseen ones.
// That gain, the boost, is sparse: only a context's followers have one. Logits are log p_0(j) + Σ_k (scale_k · boost_k(j) +
// offset_k(j)); all scales one and all offsets zero would be Kneser–Ney. Several chains of contexts simply add up.
using System.Numerics;
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
    private readonly double[] shares, branch; // [V]
    private readonly float[] loss = new float[1];
    private readonly int[] starts, kinds; // [levels + 1], [levels]
    private int[] tokens = new int[256], places = new int[256]; // of all levels' followers, one after another
    private float[] boosts = new float[256];
    private int match, last;

    /// <summary>Predictions by counts and weights, which may change between them.</summary>
    public CountPrediction(Contexts contexts, TextCounts counts, CountWeights weights)
    {
        (this.contexts, this.counts, this.weights) = (contexts, counts, weights);
        vocabulary = counts.Shares.Length;
        logits = GC.AllocateArray<float>((vocabulary + LogitsPadding - 1) / LogitsPadding * LogitsPadding, pinned: true);
        (shares, branch) = (new double[vocabulary], new double[vocabulary]);
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
        counts.Shares.CopyTo(shares);
        last = lastToken % CountWeights.LastTokens;
        match = 0;
        foreach (ContextChain chain in contexts.Chains)
        {
            int known = 0;
            for (int level = chain.First; level < chain.First + chain.Length && counts.Find(keys[level], out _).Length > 0; level++)
                known++;
            match = chain.First == 0 ? Order = known : match + known * (Contexts.Orders + 1);
        }
        starts[0] = 0;
        double unit = 1; // shares[j]·unit is p_k(j)
        double branchUnit = 1;
        foreach (ContextChain chain in contexts.Chains)
        {
            if (chain.First > 0)
            {
                branch.CopyTo(shares.AsSpan());
                unit = branchUnit;
            }
            for (int i = 0; i < chain.Length; i++)
            {
                if (chain.First == 0 && i == BranchAt)
                {
                    shares.CopyTo(branch.AsSpan());
                    branchUnit = unit;
                }
                starts[chain.First + i + 1] = starts[chain.First + i];
                Boost(chain.First + i, keys[chain.First + i], ref unit);
            }
        }
    }

    /// <summary>Learns from what came: a step of stochastic gradient descent on −log p(token). The prediction is used up.</summary>
    public void Learn(int token)
    {
        SoftmaxCrossEntropy.Rows(Matrix.OfPinned(logits, 0, 1, vocabulary), [token], loss, gradientScale: 1);
        for (int level = 0; level < kinds.Length; level++)
        {
            if (starts[level + 1] == starts[level])
                continue;
            float gradient = 0;
            for (int i = starts[level]; i < starts[level + 1]; i++)
            {
                float ofLogit = logits[tokens[i]];
                gradient += ofLogit * boosts[i];
                weights.LearnOffset(places[i], ofLogit);
            }
            weights.LearnScale(level, kinds[level], match, last, gradient);
        }
    }

    private int BranchAt => contexts.Chains[^1].Branch;

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
        int kind = Math.Min(7, BitOperations.Log2((uint)total)) * 7 + Math.Min(6, followers.Length - 1);
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
            int kindOfCount = count < 4 ? count : Math.Min(7, BitOperations.Log2((uint)count) + 2);
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
