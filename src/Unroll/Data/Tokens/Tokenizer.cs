// Characters in, token numbers out. A tokenizer decides where tokens begin and end and nothing else: their numbers come from
// a TokenTable, the characters from whoever has them (a TokenStream, a BlockTokenizer). It holds the token under way.
using System.Text;

namespace Unroll.Data.Tokens;

internal abstract class Tokenizer
{
    /// <summary>Unicode scalar values of the tokens handed out.</summary>
    public long Characters { get; protected set; }

    /// <summary>UTF-8 bytes of the tokens handed out.</summary>
    public long Bytes { get; protected set; }

    /// <summary>A tokenizer of text that has been through <see cref="TextbookCleaning"/> if <see cref="CleansFirst"/> says so.</summary>
    /// <param name="options">How the text becomes tokens.</param>
    /// <param name="table">Where tokens get their numbers.</param>
    public static Tokenizer Create(TextOptions options, TokenTable table) => options switch
    {
        { Tokens: TokenKind.Word, Clean: Cleaning.Textbook } => new CleanWordTokenizer(table),
        { Tokens: TokenKind.Word } => new WordTokenizer(table),
        { Tokens: TokenKind.Byte } => new ByteTokenizer(table),
        _ => new CharacterTokenizer(table),
    };

    /// <summary>Whether text is cleaned before it is split; the book's words clean while they split.</summary>
    public static bool CleansFirst(TextOptions options) => options.Clean == Cleaning.Textbook && options.Tokens != TokenKind.Word;

    /// <summary>Splits text until it is used up or the room is; one of the two at least.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="ids">Room for the tokens' numbers.</param>
    /// <param name="used">How much of the text is done with.</param>
    /// <returns>The number of ids written.</returns>
    public abstract int Split(ReadOnlySpan<char> text, Span<int> ids, out int used);

    /// <summary>Called when the text has ended, until nothing is left: hands out a token that was still under way.</summary>
    public virtual bool TryFinish(out int id)
    {
        id = 0;
        return false;
    }

    /// <summary>Counts a token that is being handed out.</summary>
    protected void CountText(ReadOnlySpan<char> token)
    {
        Bytes += Encoding.UTF8.GetByteCount(token);
        Characters += token.Length;
        foreach (char c in token)
        {
            if (char.IsLowSurrogate(c))
                Characters--;
        }
    }
}
