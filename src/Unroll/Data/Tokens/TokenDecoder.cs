using System.Text;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>Turns ids into text as they come, never handing out half a character (byte tokens may need several).</summary>
public sealed class TokenDecoder(Vocabulary vocabulary)
{
    // UTF-8 that makes no character becomes U+FFFD, one for each maximal part of one, as the Unicode standard advises.
    private readonly Decoder utf8 = new UTF8Encoding().GetDecoder();
    private readonly Tokenization tokens = vocabulary.Tokenization;
    private bool begun;

    /// <summary>The text that this id completes; empty while a character is incomplete. The book's words bring the space
    /// before them along, but for the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Append(int id)
    {
        string token = vocabulary[id];
        if (tokens.BytesOf(token) is { } bytes)
            return Complete(bytes, flush: false);
        string text = Flush() + (begun ? tokens.Joiner : "") + token;
        begun = true;
        return text;
    }

    /// <summary>What is left at the end: the replacement character for an incomplete one, otherwise nothing.</summary>
    public string Flush() => Complete([], flush: true);

    private string Complete(ReadOnlySpan<byte> next, bool flush)
    {
        Span<char> characters = stackalloc char[next.Length + 4]; // the bytes of an incomplete character may add some
        return characters[..utf8.GetChars(next, characters, flush)].ToString();
    }
}
