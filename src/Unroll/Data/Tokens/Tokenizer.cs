// Characters in, tokens' numbers out. A tokenizer decides where tokens begin and end and nothing else: their numbers come
// from a TokenTable, the characters from whoever has them (a TokenStream, a BlockTokenizer). It holds the unfinished token.
using System.Text;

namespace Unroll.Data.Tokens;

internal abstract class Tokenizer
{
    /// <summary>No token is longer than so many chars, or a genome without a line's end, say, would make the memory grow.</summary>
    internal const int LongestToken = 1024;

    /// <summary>The bytes of UTF-8 that so many chars may have.</summary>
    internal const int LongestTokenBytes = 3 * LongestToken;

    /// <summary>Unicode scalar values of the tokens handed out.</summary>
    public long Characters { get; protected set; }

    /// <summary>UTF-8 bytes of the tokens handed out.</summary>
    public long Bytes { get; protected set; }

    /// <summary>Splits text until it is used up or the room is; one of the two at least.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="numbers">Room for the tokens' numbers.</param>
    /// <param name="used">How much of the text is done with.</param>
    /// <returns>How many numbers were written.</returns>
    public abstract int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used);

    /// <summary>Called when the text has ended, until nothing is left: hands out a token that was unfinished.</summary>
    public virtual bool TryFinish(out int number)
    {
        number = 0;
        return false;
    }

    /// <summary>Begins another text, after one that has been finished.</summary>
    public virtual void Restart() => (Characters, Bytes) = (0, 0);

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
