using System.Buffers;
using System.Text;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>Turns ids into text as they come, never handing out half a character (byte tokens may need several).</summary>
public sealed class TokenDecoder
{
    private readonly Vocabulary vocabulary;
    private readonly Tokenization tokens;
    private readonly byte[] begun = new byte[3]; // an incomplete character
    private int length; // of it
    private bool started;

    /// <summary>At the beginning of a text.</summary>
    /// <param name="vocabulary">Whose ids come.</param>
    public TokenDecoder(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        (this.vocabulary, tokens) = (vocabulary, vocabulary.Tokenization);
    }

    private TokenDecoder(TokenDecoder other)
    {
        (vocabulary, tokens, length, started) = (other.vocabulary, other.tokens, other.length, other.started);
        other.begun.CopyTo(begun, 0);
    }

    /// <summary>The text that this id completes; empty while a character is incomplete. The book's words bring the space
    /// before them along, but for the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Append(int id)
    {
        string token = vocabulary[id];
        if (tokens.BytesOf(token) is { } bytes)
            return Complete(bytes);
        string text = Flush() + (started ? tokens.Joiner : "") + tokens.TextOf(token);
        started = true;
        return text;
    }

    /// <summary>What is left at the end: the replacement character for an incomplete one, otherwise nothing.</summary>
    public string Flush()
    {
        bool incomplete = length > 0;
        length = 0;
        return incomplete ? Rune.ReplacementChar.ToString() : "";
    }

    /// <summary>Another one, as far as this one has come: for texts that go on in several ways.</summary>
    internal TokenDecoder Branch() => new(this);

    // UTF-8 that makes no character becomes U+FFFD, one for each maximal part of one, as the Unicode standard advises.
    private string Complete(ReadOnlySpan<byte> next)
    {
        Span<byte> bytes = stackalloc byte[length + next.Length];
        begun.AsSpan(0, length).CopyTo(bytes);
        next.CopyTo(bytes[length..]);
        Span<char> text = stackalloc char[bytes.Length]; // no byte makes more than one
        int written = 0;
        while (!bytes.IsEmpty && Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) != OperationStatus.NeedMoreData)
        {
            written += rune.EncodeToUtf16(text[written..]);
            bytes = bytes[used..];
        }
        bytes.CopyTo(begun);
        length = bytes.Length;
        return text[..written].ToString();
    }
}
