// The form of texts of any length, in blocks, so that memory does not grow with them:
//
//   14 bytes  C1 'U' 'N' 'R' (C1 is in no UTF-8), version 1, flags (1: the model learnt while it coded), 8 bytes of its fingerprint
//   blocks    numbers (Number.cs): bytes of text, tokens, segments, and for each segment the bytes that it is coded in; 4 bytes of
//             SHA-256 of those; the segments. A segment's share of the tokens is Share.Of.
//   1 byte    0, where the next block would begin
//   8 bytes   of SHA-256 of everything before them, where the text of each block is taken in behind it
using System.Security.Cryptography;
using Unroll.Kernels;

namespace Unroll.Compression;

/// <summary>Texts of any length.</summary>
/// <param name="model">The model.</param>
internal sealed class LongForm(CodingModel model)
{
    /// <summary>The most bytes of text in a block.</summary>
    public const int BlockBytes = 1 << 24;

    /// <summary>Bytes of the check at the end.</summary>
    public const int CheckLength = 8;

    private const int TokensOfSegment = 1 << 13, UsualSegments = 256;
    private const int HeadCheckLength = 4, FingerprintLength = 8;
    private const byte Version = 1;

    // More than any byte of text takes.
    private const int MostPerByte = 8;

    private static readonly byte[] Mark = [0xC1, (byte)'U', (byte)'N', (byte)'R'];

    /// <summary>Writes what comes before the blocks.</summary>
    public void WriteHead(CheckedOutput output, bool adapts) =>
        output.Write([.. Mark, Version, (byte)(adapts ? 1 : 0), .. model.Fingerprint.AsSpan(0, FingerprintLength)]);

    /// <summary>Reads it.</summary>
    /// <returns>Whether the model learnt while it coded.</returns>
    /// <exception cref="CompressedTextException">It is of another form, version or model.</exception>
    public bool ReadHead(CheckedInput input)
    {
        if (!input.Read(Mark.Length).SequenceEqual(Mark))
            throw new CompressedTextException("is nothing that Unroll has compressed");
        if (input.Read(1)[0] is not Version and byte version)
            throw new CompressedTextException($"is of version {version}, and this program knows version {Version} only");
        byte flags = input.Read(1)[0];
        if (flags > 1)
            throw new CompressedTextException("is damaged");
        model.Check(input.Read(FingerprintLength));
        return flags == 1;
    }

    /// <summary>The segments of a block.</summary>
    /// <param name="text">The block.</param>
    /// <param name="segments">How many; 0 = by its size.</param>
    /// <param name="first">The token that the first one begins after.</param>
    public SegmentEncoder[] Divide(ParsedText text, int segments, int first)
    {
        int tokens = text.Ids.Count, count = segments > 0 ? Math.Min(segments, tokens) : Math.Clamp(tokens / TokensOfSegment, 1, UsualSegments);
        var parts = new SegmentEncoder[count];
        for (int i = 0, escapes = 0; i < count; i++)
        {
            (int start, int end) = Share.Of(tokens, count, i);
            parts[i] = new SegmentEncoder(model.Tokens, text, start, end, escapes, first);
            for (int at = start; at < end; at++)
                escapes += text.Ids[at] == Vocabulary.UnknownId ? 1 : 0;
        }
        return parts;
    }

    /// <summary>Writes a block whose segments are done.</summary>
    public static void WriteBlock(CheckedOutput output, ParsedText text, SegmentEncoder[] segments)
    {
        byte[][] coded = [.. segments.Select(segment => segment.Finish())];
        List<byte> head = [];
        foreach (int number in (ReadOnlySpan<int>)[text.Content.Length, text.Ids.Count, coded.Length, .. coded.Select(bytes => bytes.Length)])
            Number.Write(head, number);
        output.Write([.. head]);
        output.Write(SHA256.HashData([.. head]).AsSpan(0, HeadCheckLength));
        foreach (byte[] bytes in coded)
            output.Write(bytes);
        output.Note(text.Content.Span);
    }

    /// <summary>Reads a block.</summary>
    /// <param name="input">Where from.</param>
    /// <param name="first">The token that the first segment begins after.</param>
    /// <returns>How many bytes and tokens it has, and its segments, which are yet to be decoded; null at the end.</returns>
    public (int Bytes, int Tokens, SegmentDecoder[] Segments)? ReadBlock(CheckedInput input, int first)
    {
        List<byte> head = [];
        int content = Next();
        if (content == 0)
            return null;
        int tokens = Next(), count = Next();
        if (content > BlockBytes || tokens < 1 || tokens > content || count < 1 || count > Math.Min(tokens, CompressionOptions.MostSegments))
            throw new CompressedTextException("is damaged");
        int[] lengths = [.. Enumerable.Range(0, count).Select(_ => Next())];
        bool checks = input.Read(HeadCheckLength).SequenceEqual(SHA256.HashData([.. head]).AsSpan(0, HeadCheckLength));
        if (!checks || lengths.Sum(length => (long)length) > MostPerByte * ((long)content + count))
            throw new CompressedTextException("is damaged");
        var segments = new SegmentDecoder[count];
        for (int i = 0; i < count; i++)
        {
            (int start, int end) = Share.Of(tokens, count, i);
            segments[i] = new SegmentDecoder(model.Tokens, input.Read(lengths[i]).ToArray(), end - start, content, first);
        }
        return (content, tokens, segments);

        int Next() => Number.Read(() =>
        {
            head.Add(input.Read(1)[0]);
            return head[^1];
        });
    }
}
