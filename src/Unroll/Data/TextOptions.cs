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

/// <summary>How a text becomes tokens. Every property has a default.</summary>
public sealed record TextOptions
{
    /// <summary>What a token is.</summary>
    public TokenKind Tokens { get; init; } = TokenKind.Character;

    /// <summary>What is done to the text before it is split.</summary>
    public Cleaning Clean { get; init; } = Cleaning.None;

    /// <summary>Use only the first so many tokens (0 = all). The vocabulary is built on the whole text all the same, as in the book.</summary>
    public long MaxTokens { get; init; }

    /// <summary>Tokens seen less often become the unknown token; bytes never do.</summary>
    public int MinCount { get; init; }

    /// <summary>The fraction of the tokens, taken from the end, that is kept for validation; 0 ≤ f &lt; 1.</summary>
    public double Validation { get; init; }

    internal void Check()
    {
        if (!Enum.IsDefined(Tokens))
            throw new UnrollException($"There is no kind of token with the number {(int)Tokens}: choose character, word or byte.");
        if (!Enum.IsDefined(Clean))
            throw new UnrollException($"There is no cleaning with the number {(int)Clean}: choose none or textbook.");
        if (MaxTokens < 0)
            throw new UnrollException($"The greatest number of tokens cannot be {MaxTokens}: give a positive number, or 0 for all.");
        if (MinCount < 0)
            throw new UnrollException($"A token cannot be asked to occur {MinCount} times: give a positive number, or 0 to keep every token.");
        if (!(Validation >= 0 && Validation < 1))
            throw new UnrollException(FormattableString.Invariant(
                $"The validation part cannot be {Validation} of the text: give a fraction from 0 (none) up to, but not including, 1."));
    }
}
