// What a kind of token is to the rest of the house: how a text is split, where it may be cut in two, what a token says when
// it is text again, what a vocabulary must hold, and what the kind is called. Nobody else asks which kind it is: a new one
// is a file like WordTokenizer.cs, a member of TokenKind, and a line in Of.
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>A kind of token, of text that is cleaned or not.</summary>
/// <param name="plural">What the tokens are called, in the plural.</param>
/// <param name="isCleaned">Whether the text goes through the textbook's cleaning.</param>
internal abstract class Tokenization(string plural, bool isCleaned)
{
    /// <summary>The one that options ask for; where a vocabulary must be learnt first, as it is before that.</summary>
    public static Tokenization Of(TextOptions options) => OfDocuments(options, OfTokens(options, BytePairTable.BaseTokens));

    /// <summary>The one that options ask for.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="tokens">The vocabulary, in id order; most kinds do not need it.</param>
    /// <exception cref="UnrollException">The vocabulary is not such a one.</exception>
    public static Tokenization Of(TextOptions options, IReadOnlyList<string> tokens) =>
        OfDocuments(options, OfTokens(options, options is { Tokens: TokenKind.Bpe, Documents: not DocumentKind.None } ? WithoutMark(tokens) : tokens));

    private static Tokenization OfDocuments(TextOptions options, Tokenization tokens) =>
        options.Documents == DocumentKind.None ? tokens : new DocumentTokenization(tokens, options.Documents);

    // The mark stands behind byte pairs, so that these and their ids are what they are without it.
    private static string[] WithoutMark(IReadOnlyList<string> tokens) => tokens[^1] == Vocabulary.EndToken
        ? [.. tokens.SkipLast(1)]
        : throw new UnrollException($"The vocabulary is damaged: its last token must be {Vocabulary.EndToken}, which ends a document and stands behind the byte pairs.");

    private static Tokenization OfTokens(TextOptions options, IReadOnlyList<string> tokens) => options switch
    {
        { Tokens: TokenKind.Bpe } => new BytePairTokenization(options.Clean == Cleaning.Textbook, new BytePairTable(tokens)),
        { Tokens: TokenKind.Word, Clean: Cleaning.Textbook } => new CleanWordTokenization(),
        { Tokens: TokenKind.Word } => new WordTokenization(isCleaned: false),
        { Tokens: TokenKind.Byte } => new ByteTokenization(options.Clean == Cleaning.Textbook),
        _ => new CharacterTokenization(options.Clean == Cleaning.Textbook),
    };

    /// <summary>The kind that a vocabulary shows: of characters, of bytes, or else of words.</summary>
    /// <param name="tokens">The vocabulary but for its marks.</param>
    public static TokenKind KindOf(IReadOnlyCollection<string> tokens) =>
        tokens.Count > 0 && tokens.All(token => token.EnumerateRunes().Count() == 1) ? TokenKind.Character : ByteToken.All.All(tokens.Contains) ? TokenKind.Byte : TokenKind.Word;

    /// <summary>Such as "words".</summary>
    public string Plural { get; } = plural;

    /// <summary>Such as "words after the textbook's cleaning".</summary>
    public virtual string Description => isCleaned ? $"{Plural} after the textbook's cleaning" : Plural;

    /// <summary>The same in names and keys of cache files: changing it makes them useless.</summary>
    public virtual string CacheName => isCleaned ? $"{Plural}-cleaned" : Plural;

    /// <summary>Whether a vocabulary must be learnt from a text before the text can be split.</summary>
    public virtual bool IsLearned => false;

    /// <summary>Whether a token is a whole word or what stands between words.</summary>
    public virtual bool IsWordByWord => false;

    /// <summary>Whether <see cref="TextbookCleaning"/> cleans the text before it is split.</summary>
    public virtual bool CleansFirst => isCleaned;

    /// <summary>What stands between two tokens when they are text again.</summary>
    public virtual string Joiner => "";

    /// <summary>Tokens that a vocabulary holds, however rare they are in the text.</summary>
    public virtual IReadOnlyList<string> Required => [];

    /// <summary>Whether a text may be cut between any two characters, and each part be split without knowing the other.</summary>
    public virtual bool CutsAnywhere => !isCleaned;

    /// <summary>Whether the end of a file ends a token, and is told to the tokenizer like the text's end.</summary>
    public virtual bool EndsWithFile => false;

    /// <summary>What learns a vocabulary, where one must be learnt.</summary>
    public virtual BytePairLearner CreateLearner() => throw new NotSupportedException();

    /// <summary>A tokenizer at the beginning of a text.</summary>
    /// <param name="table">Where tokens get their numbers.</param>
    /// <param name="whole">Whether the text's end is a document's too; no for a piece of text that something may follow.</param>
    public abstract Tokenizer CreateTokenizer(TokenTable table, bool whole);

    /// <summary>Whether a text may be cut here, where it may not be cut anywhere.</summary>
    /// <param name="before">Bytes that stand before the cut, one at least.</param>
    /// <param name="after">Bytes that stand after it, one at least.</param>
    public virtual bool CutsBetween(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        before[^1] == '\n'; // cleaning starts afresh with every line

    /// <summary>The bytes of UTF-8 that a token stands for, perhaps a part of a character; null where it is text itself.</summary>
    public virtual byte[]? BytesOf(string token) => null;

    /// <summary>What a token is as text, where it is text.</summary>
    public virtual string TextOf(string token) => token;

    /// <summary>A token's characters, with the joiner before it; those that it begins, where it stands for bytes.</summary>
    public int CharactersIn(string token) => Joiner.Length
        + (BytesOf(token) is { } bytes ? bytes.Count(value => ByteToken.BeginsCharacter(value)) : TextOf(token).EnumerateRunes().Count());

    /// <summary>A token's bytes of UTF-8, with the joiner before it.</summary>
    public int LengthOf(string token) => Joiner.Length + (BytesOf(token)?.Length ?? Encoding.UTF8.GetByteCount(TextOf(token)));
}
