// A text of any length as a vocabulary's ids, in bounded memory: what measuring a model reads. It keeps no ids and
// builds no vocabulary (Corpus does both). Scoring every token but the first looks like this:
//     using var reader = new TokenReader(text, model.Vocabulary);
//     if (reader.Read(first) == 1) { reader.ResetTotals(); while ((n = reader.Read(chunk)) > 0) … }
namespace Unroll.Data.Tokens;

/// <summary>Reads a text as ids, and keeps totals of what it has handed out.</summary>
internal sealed class TokenReader : IDisposable
{
    private readonly KnownTokens tokens;
    private readonly TokenStream stream;
    private long charactersBefore;
    private long bytesBefore;

    /// <summary>Starts at the text's beginning.</summary>
    public TokenReader(TextSource source, Vocabulary vocabulary)
    {
        tokens = new KnownTokens(vocabulary);
        stream = new TokenStream(source.Read(), vocabulary.Tokenization, tokens);
    }

    /// <summary>Unicode scalar values of the tokens handed out. A byte token counts where it begins a character; a cleaned word
    /// counts the space before it, but for the text's first.</summary>
    public long Characters => stream.Characters - charactersBefore;

    /// <summary>UTF-8 bytes of the tokens handed out, counted alike.</summary>
    public long Bytes => stream.Bytes - bytesBefore;

    /// <summary>How many of the tokens handed out the vocabulary does not hold; their id was 0.</summary>
    public long Unknown => tokens.Unknown;

    /// <summary>The next ids.</summary>
    /// <param name="ids">Filled from its start; completely, unless the text ends.</param>
    /// <returns>How many there are: fewer than asked for only at the text's end, 0 after it.</returns>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read.</exception>
    public int Read(Span<int> ids) => stream.Read(ids);

    /// <summary>The commonest unknown tokens with their counts, by falling count, ties in first-seen order. Exact as long as there
    /// are no more than <see cref="KnownTokens.Limit"/> different ones.</summary>
    public IReadOnlyList<(string Token, long Count)> CommonestUnknown(int limit) => tokens.Commonest(limit);

    /// <summary>Resets the totals and the unknown tokens' counts to zero; reading continues where it was.</summary>
    public void ResetTotals()
    {
        (charactersBefore, bytesBefore) = (stream.Characters, stream.Bytes);
        tokens.Reset();
    }

    /// <summary>Closes the text.</summary>
    public void Dispose() => stream.Dispose();
}
