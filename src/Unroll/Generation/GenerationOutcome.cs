namespace Unroll;

/// <summary>How a stream ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="PrefixTokens">Tokens of the prefix.</param>
/// <param name="CachedTokens">Those of them that were not read, because the state after them was remembered.</param>
/// <param name="Tokens">Tokens produced, those of a stop text and a document's end included.</param>
public sealed record GenerationOutcome(FinishReason Reason, int PrefixTokens, int CachedTokens, long Tokens)
{
    /// <summary>The prefix's tokens in the state, cached ones included: fewer than <see cref="PrefixTokens"/> where the stream was cancelled before.</summary>
    public int PrefixTokensRead { get; init; }

    /// <summary>The state after the tokens of the prefix that were read and all tokens produced, where it was asked for; of a stream
    /// that was cancelled or disposed of too. Null where nothing has been read.</summary>
    public RecurrentState? State { get; init; }

    /// <summary>The last tokens that <see cref="State"/> has behind it, for <see cref="GenerationRequest.Behind"/>.</summary>
    internal IReadOnlyList<int> LastTokens { get; init; } = [];
}
