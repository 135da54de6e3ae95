using Unroll.Options;

namespace Unroll;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    /// <summary>A Unicode scalar value: never half a surrogate pair.</summary>
    Character,

    /// <summary>A word: the book's splitting for cleaned text, otherwise runs of letters, of white space and of punctuation.</summary>
    Word,

    /// <summary>A byte of the text's UTF-8 form.</summary>
    Byte,

    /// <summary>Byte-pair encoding (Sennrich et al. 2016): parts of words, and common words whole, learnt from the text; bytes where
    /// nothing longer fits, so that every text can be split (as in GPT-2).</summary>
    Bpe,
}

/// <summary>What is done to a text before it is split.</summary>
public enum Cleaning
{
    /// <summary>Nothing beyond dropping a byte order mark and reading CRLF as LF.</summary>
    None,

    /// <summary>The book's: in every line, what is not an English letter becomes one space, ends are trimmed, letters
    /// are lower-cased, and lines are joined with nothing between them (d2l 8.2).</summary>
    Textbook,
}

/// <summary>What a document is: a part of a text that knows nothing of what stands before it.</summary>
public enum DocumentKind
{
    /// <summary>The whole text is one, without an end.</summary>
    None,

    /// <summary>Every line that is not empty: a name, a title, a line of a log.</summary>
    Line,

    /// <summary>Every file: a poem, a letter.</summary>
    File,
}

/// <summary>What a token is: how a text is cleaned and split. A model knows texts that are read in this way only. Every property has a default.</summary>
public sealed record TextOptions
{
    /// <summary>What a token is.</summary>
    public TokenKind Tokens { get; init; } = TokenKind.Character;

    /// <summary>What is done to the text before it is split.</summary>
    public Cleaning Clean { get; init; } = Cleaning.None;

    /// <summary>What a document is. Each ends with a token of its own, <see cref="Vocabulary.EndToken"/>, and a model forgets all that it
    /// has read when it reads that one: how a document begins and ends is learnt, and nothing is carried over. In a corpus, documents
    /// stand in an order drawn by lot, which is always the same.</summary>
    public DocumentKind Documents { get; init; } = DocumentKind.None;

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Enum.IsDefined(Tokens), nameof(Tokens), $"must be character, word, byte or bpe.");
        OptionsException.Require(Enum.IsDefined(Clean), nameof(Clean), $"must be none or textbook.");
        OptionsException.Require(Enum.IsDefined(Documents), nameof(Documents), $"must be none, line or file.");
        OptionsException.Require(Documents == DocumentKind.None || Clean == Cleaning.None, nameof(Clean),
            $"must be none where a text has documents: the textbook's cleaning takes away what divides them.");
    }

    internal static TextOptions Pass(TextOptions text, OptionsPass pass) => new()
    {
        Tokens = pass.Choice("tokens", nameof(Tokens), text.Tokens),
        Clean = pass.Choice("clean", nameof(Clean), text.Clean),
        Documents = pass.Choice("documents", nameof(Documents), text.Documents),
    };
}
