namespace Unroll.Web.Api;

/// <summary>The log-probabilities of a text's tokens: one entry a token in each list.</summary>
/// <param name="Tokens">What they say; bytes that are no whole character as <c>bytes:\xe6</c>.</param>
/// <param name="TokenLogprobs">Natural logarithms; null where nothing precedes a token.</param>
/// <param name="TopLogprobs">The likeliest in its place, and itself.</param>
/// <param name="TextOffset">Where its text begins: Unicode characters of the choice's text before it.</param>
internal sealed record LogprobsJson(
    IReadOnlyList<string> Tokens, IReadOnlyList<float?> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs, IReadOnlyList<long> TextOffset)
{
    /// <summary>Of tokens that have come.</summary>
    public static LogprobsJson Of(IReadOnlyList<GeneratedToken> tokens, Vocabulary vocabulary) => new(
        [.. tokens.Select(token => TokenNames.Of(token, vocabulary))],
        [.. tokens.Select(token => TokenNames.Number(token.LogProbability))],
        [.. tokens.Select(token => Top(token, vocabulary))],
        [.. tokens.Select(token => token.Offset)]);

    // The likeliest first; the token itself is among them, or follows. Its number is the same float in both places.
    private static Dictionary<string, float>? Top(GeneratedToken token, Vocabulary vocabulary)
    {
        if (TokenNames.Number(token.LogProbability) is not { } own)
            return null;
        var top = new Dictionary<string, float>();
        foreach (TokenPrediction other in token.Alternatives)
            top.TryAdd(other.Id == token.Id ? TokenNames.Of(token, vocabulary) : TokenNames.Of(other.Id, vocabulary), TokenNames.Finite(other.LogProbability));
        top.TryAdd(TokenNames.Of(token, vocabulary), own);
        return top;
    }
}
