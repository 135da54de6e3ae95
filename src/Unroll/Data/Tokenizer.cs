// Characters in, token numbers out, as they are asked for. A tokenizer decides where tokens begin and end and nothing
// else: their numbers come from a TokenTable. It holds one piece of the text and the token under way.
using System.Text;

namespace Unroll.Data;

internal abstract class Tokenizer(IEnumerable<ReadOnlyMemory<char>> pieces) : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<char>> pieces = pieces.GetEnumerator();
    private ReadOnlyMemory<char> rest;

    /// <summary>Unicode scalar values of the tokens handed out.</summary>
    public long Characters { get; protected set; }

    /// <summary>UTF-8 bytes of the tokens handed out.</summary>
    public long Bytes { get; protected set; }

    /// <summary>Tokens of a text, cleaned and split as the options say.</summary>
    /// <param name="pieces">A text in pieces that split no character.</param>
    /// <param name="options">How the text becomes tokens.</param>
    /// <param name="table">Where tokens get their numbers.</param>
    /// <param name="whole">Whether this is a whole text: cleaning then trims its ends.</param>
    public static Tokenizer Create(IEnumerable<ReadOnlyMemory<char>> pieces, TextOptions options, TokenTable table, bool whole = true)
    {
        bool clean = options.Clean == Cleaning.Textbook;
        if (options.Tokens == TokenKind.Word)
            return clean ? new CleanWordTokenizer(pieces, table) : new WordTokenizer(pieces, table);
        if (clean)
            pieces = TextbookCleaning.Clean(pieces, whole);
        return options.Tokens == TokenKind.Byte ? new ByteTokenizer(pieces, table) : new CharacterTokenizer(pieces, table);
    }

    /// <summary>The next tokens' numbers: as many as there is room for, fewer only where the text ends.</summary>
    public int Read(Span<int> ids)
    {
        int count = 0;
        while (count < ids.Length)
        {
            if (!rest.IsEmpty)
            {
                count += Split(rest.Span, ids[count..], out int used);
                rest = rest[used..];
            }
            else if (pieces.MoveNext())
            {
                rest = pieces.Current;
            }
            else if (TryFinish(out int id))
            {
                ids[count++] = id;
            }
            else
            {
                break;
            }
        }
        return count;
    }

    public void Dispose() => pieces.Dispose();

    /// <summary>Splits text until it is used up or the room is; one of the two at least.</summary>
    /// <returns>The number of ids written.</returns>
    protected abstract int Split(ReadOnlySpan<char> text, Span<int> ids, out int used);

    /// <summary>Called when the text has ended, until nothing is left: hands out a token that was still under way.</summary>
    protected virtual bool TryFinish(out int id)
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
