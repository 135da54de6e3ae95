// The form of texts of any length, in blocks, so that memory does not grow with them:
//
//   14 bytes  C1 'U' 'N' 'R' (C1 is in no UTF-8), version, flags (1: the model learnt while it coded), 8 bytes of its fingerprint.
//             Version 1, or 2 where the blocks say how their lines end.
//   blocks    numbers (Number.cs): bytes of text, in version 2 how its lines end, tokens, segments, and for each segment the bytes that
//             it is coded in; 4 bytes of SHA-256 of those; the segments. A segment's share of the tokens is Share.Of. Lines end 0: as
//             they are coded, 1: with a carriage return before each line break, which is not coded.
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
    private const byte Plain = 1, WithLineEnds = 2; // versions

    // More than any byte of text takes.
    private const int MostPerByte = 8;

    private static readonly byte[] Mark = [0xC1, (byte)'U', (byte)'N', (byte)'R'];

    /// <summary>Writes what comes before the blocks.</summary>
    public void WriteHead(CheckedOutput output, Head head) =>
        output.Write([.. Mark, head.SaysLineEnds ? WithLineEnds : Plain, (byte)(head.Adapts ? 1 : 0), .. model.Fingerprint.AsSpan(0, FingerprintLength)]);

    /// <summary>Reads it.</summary>
    /// <exception cref="CompressedTextException">It is of another form, version or model.</exception>
    public Head ReadHead(CheckedInput input)
    {
        if (!input.Read(Mark.Length).SequenceEqual(Mark))
            throw new CompressedTextException("is nothing that Unroll has compressed");
        byte version = input.Read(1)[0];
        if (version is not (Plain or WithLineEnds))
            throw new CompressedTextException($"is of version {version}, and this program knows versions {Plain} and {WithLineEnds} only");
        byte flags = input.Read(1)[0];
        if (flags > 1)
            throw new CompressedTextException("is damaged");
        model.Check(input.Read(FingerprintLength));
        return new Head(flags == 1, version == WithLineEnds);
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
    /// <param name="output">Where to.</param>
    /// <param name="content">The block's bytes.</param>
    /// <param name="tokens">How many tokens they are.</param>
    /// <param name="withoutReturns">Whether they are coded without carriage returns; null in a file that does not say it.</param>
    /// <param name="segments">The segments.</param>
    public static void WriteBlock(CheckedOutput output, ReadOnlySpan<byte> content, int tokens, bool? withoutReturns, SegmentEncoder[] segments)
    {
        byte[][] coded = [.. segments.Select(segment => segment.Finish())];
        List<byte> head = [];
        int[] lineEnds = withoutReturns is { } without ? [without ? 1 : 0] : [];
        foreach (int number in (ReadOnlySpan<int>)[content.Length, .. lineEnds, tokens, coded.Length, .. coded.Select(bytes => bytes.Length)])
            Number.Write(head, number);
        output.Write([.. head]);
        output.Write(SHA256.HashData([.. head]).AsSpan(0, HeadCheckLength));
        foreach (byte[] bytes in coded)
            output.Write(bytes);
        output.Note(content);
    }

    /// <summary>Reads a block.</summary>
    /// <param name="input">Where from.</param>
    /// <param name="saysLineEnds">Whether it says how its lines end.</param>
    /// <param name="first">The token that the first segment begins after.</param>
    /// <returns>The block, whose segments are yet to be decoded; null at the end.</returns>
    public Block? ReadBlock(CheckedInput input, bool saysLineEnds, int first)
    {
        List<byte> head = [];
        int content = Next();
        if (content == 0)
            return null;
        int lineEnds = saysLineEnds ? Next() : 0, tokens = Next(), count = Next();
        if (content > BlockBytes || lineEnds > 1 || tokens < 1 || tokens > content || count < 1 || count > Math.Min(tokens, CompressionOptions.MostSegments))
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
        return new Block(content, lineEnds == 1, tokens, segments);

        int Next() => Number.Read(() =>
        {
            head.Add(input.Read(1)[0]);
            return head[^1];
        });
    }

    /// <summary>What comes before the blocks.</summary>
    /// <param name="Adapts">Whether the model learns while it codes.</param>
    /// <param name="SaysLineEnds">Whether blocks say how their lines end.</param>
    internal readonly record struct Head(bool Adapts, bool SaysLineEnds);

    /// <summary>A part of a text on its way back.</summary>
    internal sealed record Block(int Length, bool WithoutReturns, int Tokens, SegmentDecoder[] Segments)
    {
        /// <summary>Its bytes, stretch by stretch, once the segments are done.</summary>
        /// <exception cref="CompressedTextException">They are not as many as was said.</exception>
        public IReadOnlyList<byte[]> Stretches()
        {
            byte[][] stretches = [.. Segments.Select(segment => WithoutReturns ? CarriageReturns.Restored(segment.Bytes) : segment.Bytes.ToArray())];
            return stretches.Sum(stretch => (long)stretch.Length) == Length ? stretches : throw new CompressedTextException("is damaged");
        }
    }
}
