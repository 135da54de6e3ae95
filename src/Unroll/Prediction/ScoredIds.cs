using Unroll.Data.Tokens;

namespace Unroll.Prediction;

/// <summary>Tokens, and how large a surprise each was.</summary>
internal sealed class ScoredIds(int[] ids)
{
    /// <summary>The tokens.</summary>
    public int[] Ids { get; } = ids;

    /// <summary>Their cross-entropies in nats.</summary>
    public float[] Losses { get; } = new float[ids.Length];

    /// <summary>What those were expected to be.</summary>
    public float[] Entropies { get; } = new float[ids.Length];

    /// <summary>What the text of a score says of these tokens, with their losses added up in their order.</summary>
    /// <param name="counts">Tokens, characters and bytes, with the losses so far.</param>
    public TextScore AddTo(TextScore counts)
    {
        (double loss, double entropy) = (counts.TotalLoss, counts.TotalEntropy);
        for (int i = 0; i < Ids.Length; i++)
        {
            loss += Losses[i];
            entropy += Entropies[i];
        }
        return counts with { TotalLoss = loss, TotalEntropy = entropy };
    }

    /// <summary>The tokens with their texts.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="unknown">The texts of those that it does not know, one for each id 0.</param>
    public TokenPrediction[] Predictions(Vocabulary vocabulary, IReadOnlyList<string> unknown)
    {
        var decoder = new TokenDecoder(vocabulary);
        var predictions = new TokenPrediction[Ids.Length];
        int missing = 0;
        for (int i = 0; i < Ids.Length; i++)
        {
            string text = decoder.Append(Ids[i]);
            if (Ids[i] == Vocabulary.UnknownId)
                text = text[..^Vocabulary.UnknownToken.Length] + unknown[missing++];
            predictions[i] = new TokenPrediction(Ids[i], text, -Losses[i]) { Entropy = Entropies[i] };
        }
        return predictions;
    }
}
