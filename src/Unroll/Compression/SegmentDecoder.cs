using System.Runtime.InteropServices;
using Unroll.Data.Tokens;

namespace Unroll.Compression;

/// <summary>Reads a part of a text.</summary>
/// <param name="tokens">The model's tokens.</param>
/// <param name="coded">What a <see cref="SegmentEncoder"/> wrote.</param>
/// <param name="count">The part's tokens; null: it goes to the first token that ends a line.</param>
/// <param name="most">Bytes that it can have at most: where damage says more, it ends.</param>
/// <param name="first">The token that the first one is predicted from.</param>
internal sealed class SegmentDecoder(TokenBytes tokens, ReadOnlyMemory<byte> coded, int? count, int most, int first) : Segment(tokens, first)
{
    private readonly RangeDecoder decoder = new(coded);
    private readonly List<byte> bytes = [];
    private int read;

    /// <inheritdoc/>
    public override bool IsDone => bytes.Count > most || read > most || (count is { } all ? read == all : bytes is [.., (byte)'\n']);

    /// <summary>What has been read.</summary>
    public ReadOnlySpan<byte> Bytes => CollectionsMarshal.AsSpan(bytes);

    /// <inheritdoc/>
    protected override int Code(ReadOnlySpan<uint> frequencies, ulong escape, ulong total)
    {
        read++;
        ulong place = decoder.Find(total), before = 0, frequency = escape;
        int id = Vocabulary.UnknownId;
        while (before + frequency <= place)
        {
            before += frequency;
            frequency = frequencies[++id];
        }
        decoder.Take(before, frequency, total);
        if (id == Vocabulary.UnknownId)
            Escapes.Decode(decoder, bytes, Tokenizer.LongestTokenBytes);
        else
            bytes.AddRange(Tokens.Of(id));
        return id;
    }
}
