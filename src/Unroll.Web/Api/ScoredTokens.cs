using System.Text;

namespace Unroll.Web.Api;

/// <summary>Adds up what a text's tokens say of it.</summary>
/// <param name="text">The text.</param>
/// <param name="alternatives">How many of the likeliest tokens are kept with each; null = the tokens are not kept.</param>
internal sealed class ScoredTokens(TextToScore text, int? alternatives)
{
    private readonly List<GeneratedToken> all = [];
    private double loss, entropy;
    private int unknown;
    private long offset;

    /// <summary>The tokens, where they are kept.</summary>
    public IReadOnlyList<GeneratedToken> All => all;

    /// <summary>What <see cref="TextScorer"/> says of the text: the same numbers, added up in the same order.</summary>
    public TextScore Score => text.Counts with { TotalLoss = loss, TotalEntropy = entropy };

    /// <summary>Takes the next token.</summary>
    public void Add(GeneratedToken token)
    {
        loss -= TokenNames.Finite(token.LogProbability);
        entropy += token.Alternatives.Count > 0 ? token.Alternatives[0].Entropy : 0;
        if (alternatives is not { } most)
            return;
        string says = token.Id == Vocabulary.UnknownId ? token.Text[..^Vocabulary.UnknownToken.Length] + text.Unknown[unknown++] : token.Text;
        all.Add(token with { Text = says, Offset = offset, Alternatives = [.. token.Alternatives.Take(most)] });
        foreach (Rune _ in says.EnumerateRunes())
            offset++;
    }
}
