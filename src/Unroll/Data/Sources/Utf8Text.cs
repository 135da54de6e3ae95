// Bytes in, characters out: strict UTF-8, in pieces of bounded size. It never guesses another encoding and never
// replaces what it cannot read: a text that was damaged on its way here should not be learnt from in silence.
using System.Buffers;
using System.Text.Unicode;

namespace Unroll.Data.Sources;

internal static class Utf8Text
{
    /// <summary>A piece's greatest length in chars: small enough to stay off the large object heap.</summary>
    internal const int PieceLength = 32 * 1024;

    /// <summary>A stream's text in pieces of whole characters, without its byte order mark, CRLF as LF.</summary>
    /// <param name="stream">Read to its end, left open.</param>
    /// <param name="name">For messages.</param>
    /// <param name="offset">Where the stream begins in what the name names; only at 0 is a byte order mark dropped.</param>
    public static IEnumerable<ReadOnlyMemory<char>> Read(Stream stream, string name, long offset = 0)
    {
        byte[] bytes = new byte[PieceLength];
        int held = 0; // bytes of a character that the last read cut in two
        bool returned = false; // the last piece ended in a CR that may belong to a CRLF
        bool start = offset == 0; // from here on it is where bytes[0] stands
        while (true)
        {
            int read = ReadSome(stream, bytes.AsSpan(held), name);
            char[] piece = GC.AllocateUninitializedArray<char>(held + read + 1);
            if (returned)
                piece[0] = '\r';
            int written = Decode(bytes.AsSpan(0, held + read), piece.AsSpan(returned ? 1 : 0), read == 0, offset, name, out int used);
            held = held + read - used;
            bytes.AsSpan(used, held).CopyTo(bytes);
            offset += used;

            int from = 0, to = (returned ? 1 : 0) + written;
            if (start && to > 0)
            {
                from = piece[0] == '\uFEFF' ? 1 : 0;
                start = false;
            }
            returned = read > 0 && to > from && piece[to - 1] == '\r';
            if (returned)
                to--;
            int length = JoinLineEnds(piece.AsSpan(from, to - from));
            if (length > 0)
                yield return piece.AsMemory(from, length);
            if (read == 0)
                yield break;
        }
    }

    /// <summary>Makes every CRLF one LF, in place.</summary>
    /// <returns>The new length.</returns>
    private static int JoinLineEnds(Span<char> text)
    {
        int to = text.IndexOf("\r\n");
        if (to < 0)
            return text.Length;
        for (int from = to; from < text.Length; from++)
        {
            if (text[from] != '\r' || from + 1 == text.Length || text[from + 1] != '\n')
                text[to++] = text[from];
        }
        return to;
    }

    private static int Decode(ReadOnlySpan<byte> bytes, Span<char> piece, bool final, long offset, string name, out int used)
    {
        OperationStatus status = Utf8.ToUtf16(bytes, piece, out used, out int written, replaceInvalidSequences: false, isFinalBlock: final);
        if (status == OperationStatus.InvalidData)
        {
            string advice = offset + used == 0 && bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] ? "It looks like UTF-16; save it as UTF-8." : "Save it as UTF-8.";
            throw new UnrollException($"{name} is not valid UTF-8: the byte at offset {offset + used} (0x{bytes[used]:X2}) begins no character. {advice}");
        }
        return written;
    }

    private static int ReadSome(Stream stream, Span<byte> buffer, string name)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{name} cannot be read: {exception.Message}", exception);
        }
    }
}
