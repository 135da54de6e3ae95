// The form of short texts, of which there may be millions: the lines of a log, each by itself. Around what the model makes of the text
// stand five bytes, or six or seven where the text is not just one line:
//
//   1 byte    0xF8 + 2·e + a: no text in UTF-8 has it. a = 1: the model learnt from the text while it was coded. e: how the text ends:
//             0 by its number of tokens, 1 with its first line break, 2 before it (it is coded and dropped)
//   1 byte    the first one of the model's fingerprint
//   1–2 bytes where e = 0: the number of tokens
//   n bytes   the tokens, as SegmentEncoder writes them
//   3 bytes   the first ones of SHA-256 of the model's fingerprint, all bytes before these, and the text
using System.Security.Cryptography;

namespace Unroll.Compression;

/// <summary>Texts of at most 4096 bytes.</summary>
/// <param name="model">The model.</param>
internal sealed class SmallForm(CodingModel model)
{
    /// <summary>The most bytes of a text.</summary>
    public const int Most = 4096;

    /// <summary>More than any text of so many bytes takes: a byte that is escaped costs six at worst.</summary>
    public const int MostCompressed = 8 * Most;

    private const byte Mark = 0xF8;
    private const int ByCount = 0, WithLineBreak = 1, BeforeLineBreak = 2;
    private const int CheckLength = 3;

    /// <summary>Whether what begins so is of this form.</summary>
    public static bool Begins(int first) => first is >= Mark and <= Mark + 2 * BeforeLineBreak + 1;

    /// <summary>Prepares a text.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="parser">Splits it.</param>
    /// <param name="adapts">Whether the model learns from it.</param>
    public Written Write(ReadOnlyMemory<byte> content, TokenParser parser, bool adapts)
    {
        (ParsedText text, int ending) = Parse(content, parser);
        List<byte> head = [(byte)(Mark + 2 * ending + (adapts ? 1 : 0)), model.Fingerprint[0]];
        if (ending == ByCount)
            Number.Write(head, text.Ids.Count);
        return new Written(this, content, text, [.. head], new SegmentEncoder(model.Tokens, text, 0, text.Ids.Count, 0, model.First));
    }

    /// <summary>Prepares what was compressed.</summary>
    /// <exception cref="CompressedTextException">It is damaged, or of another model.</exception>
    public Read Open(ReadOnlyMemory<byte> compressed)
    {
        ReadOnlySpan<byte> bytes = compressed.Span;
        if (bytes.Length > MostCompressed)
            throw new CompressedTextException("is damaged, or something was added to it");
        if (bytes.Length > 1)
            model.Check(bytes.Slice(1, 1));
        int position = 2, ending = (bytes[0] - Mark) >> 1, end = bytes.Length - CheckLength;
        int? count = ending == ByCount ? Number.Read(() => position < end ? compressed.Span[position++] : throw new CompressedTextException("is cut short")) : null;
        if (position > end)
            throw new CompressedTextException("is cut short");
        if (count > Most)
            throw new CompressedTextException("is damaged");
        // A line's break that is dropped is one more.
        return new Read(this, compressed, ending, new SegmentDecoder(model.Tokens, compressed[position..end], count, Most + 1, model.First));
    }

    // The first line break among a line's tokens is its end, if it is nowhere else.
    private (ParsedText Text, int Ending) Parse(ReadOnlyMemory<byte> content, TokenParser parser)
    {
        if (content.Span.IndexOf((byte)'\n') is >= 0 and int end && end < content.Length - 1)
            return (parser.Parse(content), ByCount);
        bool isWhole = content.Length > 0 && content.Span[^1] == '\n';
        ParsedText text = parser.Parse(isWhole ? content : (byte[])[.. content.Span, (byte)'\n']);
        // A model that does not know line breaks would pay more for one than for the number of tokens.
        return text.Ids[^1] != Vocabulary.UnknownId ? (text, isWhole ? WithLineBreak : BeforeLineBreak)
            : (isWhole ? text : parser.Parse(content), ByCount);
    }

    private byte[] Check(ReadOnlySpan<byte> before, ReadOnlySpan<byte> content) =>
        SHA256.HashData([.. model.Fingerprint, .. before, .. content])[..CheckLength];

    /// <summary>A text on its way.</summary>
    internal sealed record Written(SmallForm Form, ReadOnlyMemory<byte> Content, ParsedText Text, byte[] Head, SegmentEncoder Segment)
    {
        /// <summary>What became of it, once the segment is done.</summary>
        public (byte[] Bytes, CompressionResult Result) Finish()
        {
            byte[] before = [.. Head, .. Segment.Finish()];
            byte[] bytes = [.. before, .. Form.Check(before, Content.Span)];
            return (bytes, new CompressionResult(Content.Length, bytes.Length, Text.Ids.Count, Text.EscapedBytes));
        }
    }

    /// <summary>A text on its way back.</summary>
    internal sealed record Read(SmallForm Form, ReadOnlyMemory<byte> Compressed, int Ending, SegmentDecoder Segment)
    {
        /// <summary>Whether the model learnt from the text.</summary>
        public bool Adapts => ((Compressed.Span[0] - Mark) & 1) == 1;

        /// <summary>The text, once the segment is done.</summary>
        /// <exception cref="CompressedTextException">It is damaged.</exception>
        public byte[] Finish()
        {
            ReadOnlySpan<byte> content = Segment.Bytes;
            if (Ending == BeforeLineBreak && content is [.. var line, (byte)'\n'])
                content = line;
            ReadOnlySpan<byte> bytes = Compressed.Span;
            return Form.Check(bytes[..^CheckLength], content).AsSpan().SequenceEqual(bytes[^CheckLength..]) ? content.ToArray()
                : throw new CompressedTextException("is damaged, or was compressed with another model");
        }
    }
}
