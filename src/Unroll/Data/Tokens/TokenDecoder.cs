using System.Text;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>Turns ids into text as they come, never handing out half a character (byte tokens may need several).</summary>
public sealed class TokenDecoder(Vocabulary vocabulary)
{
    // UTF-8 that makes no character becomes U+FFFD, one for each maximal part of one, as the Unicode standard advises.
    private readonly Decoder? bytes = vocabulary.Text.Tokens == TokenKind.Byte ? new UTF8Encoding().GetDecoder() : null;
    private readonly bool spaced = vocabulary.Text is { Tokens: TokenKind.Word, Clean: Cleaning.Textbook };
    private bool begun;

    /// <summary>The text that this id completes; empty while a character is incomplete. The book's words bring the space
    /// before them along, but for the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Append(int id)
    {
        string token = vocabulary[id];
        if (bytes is not null)
        {
            int value = ByteToken.Value(token);
            return value < 0 ? Flush() + token : Complete([(byte)value], flush: false);
        }
        string text = spaced && begun ? " " + token : token;
        begun = true;
        return text;
    }

    /// <summary>What is left at the end: the replacement character for an incomplete one, otherwise nothing.</summary>
    public string Flush() => bytes is null ? "" : Complete([], flush: true);

    private string Complete(ReadOnlySpan<byte> next, bool flush)
    {
        Span<char> characters = stackalloc char[8];
        return characters[..bytes!.GetChars(next, characters, flush)].ToString();
    }
}
