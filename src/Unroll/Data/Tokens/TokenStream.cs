namespace Unroll.Data.Tokens;

/// <summary>A text's tokens, by their numbers, as they are asked for. Holds one piece of the text.</summary>
internal sealed class TokenStream : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<char>> pieces;
    private readonly Tokenizer tokenizer;
    private ReadOnlyMemory<char> rest;

    /// <summary>Tokens of a text, cleaned and split.</summary>
    /// <param name="pieces">A text in pieces that split no character.</param>
    /// <param name="tokens">How the text becomes tokens.</param>
    /// <param name="table">Where tokens get their numbers.</param>
    /// <param name="whole">Whether this is a whole text: cleaning then trims its ends.</param>
    public TokenStream(IEnumerable<ReadOnlyMemory<char>> pieces, Tokenization tokens, TokenTable table, bool whole = true)
    {
        tokenizer = tokens.CreateTokenizer(table);
        this.pieces = (tokens.CleansFirst ? TextbookCleaning.Clean(pieces, whole) : pieces).GetEnumerator();
    }

    /// <summary>Unicode scalar values of the tokens handed out.</summary>
    public long Characters => tokenizer.Characters;

    /// <summary>UTF-8 bytes of the tokens handed out.</summary>
    public long Bytes => tokenizer.Bytes;

    /// <summary>The next tokens' numbers: as many as there is room for, fewer only where the text ends.</summary>
    public int Read(Span<int> numbers)
    {
        int count = 0;
        while (count < numbers.Length)
        {
            if (!rest.IsEmpty)
            {
                count += tokenizer.Split(rest.Span, numbers[count..], out int used);
                rest = rest[used..];
            }
            else if (pieces.MoveNext())
            {
                rest = pieces.Current;
            }
            else if (tokenizer.TryFinish(out int number))
            {
                numbers[count++] = number;
            }
            else
            {
                break;
            }
        }
        return count;
    }

    public void Dispose() => pieces.Dispose();
}
