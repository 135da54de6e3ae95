namespace Unroll.Data.Tokens;

/// <summary>A text's tokens, by their numbers, as they are asked for. Holds one piece of the text.</summary>
internal sealed class TokenStream : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<char>> pieces;
    private readonly Tokenizer tokenizer;
    private readonly bool endsWithFile;
    private ReadOnlyMemory<char> rest;
    private bool ends; // a file has, and what is left of it is handed out

    /// <summary>Tokens of a text, cleaned and split.</summary>
    /// <param name="pieces">A text in pieces that split no character; an empty one stands where a file ends (see <see cref="TextSource.Read"/>).</param>
    /// <param name="tokens">How the text becomes tokens.</param>
    /// <param name="table">Where tokens get their numbers.</param>
    /// <param name="whole">Whether this is a whole text: cleaning then trims its ends, and they end a document.</param>
    public TokenStream(IEnumerable<ReadOnlyMemory<char>> pieces, Tokenization tokens, TokenTable table, bool whole = true)
    {
        tokenizer = tokens.CreateTokenizer(table, whole);
        endsWithFile = tokens.EndsWithFile;
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
            else if (ends && tokenizer.TryFinish(out int number))
            {
                numbers[count++] = number;
            }
            else if (pieces.MoveNext())
            {
                rest = pieces.Current;
                ends = rest.IsEmpty && endsWithFile;
            }
            else if (tokenizer.TryFinish(out int last))
            {
                numbers[count++] = last;
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
