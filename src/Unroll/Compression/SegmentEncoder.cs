namespace Unroll.Compression;

/// <summary>Writes a part of a parsed text.</summary>
/// <param name="tokens">The model's tokens.</param>
/// <param name="text">The text.</param>
/// <param name="start">The part's first token.</param>
/// <param name="end">The token behind its last.</param>
/// <param name="firstEscape">The number of the part's first escape in the text.</param>
/// <param name="first">The token that the first one is predicted from.</param>
internal sealed class SegmentEncoder(TokenBytes tokens, ParsedText text, int start, int end, int firstEscape, int first) : Segment(tokens, first)
{
    private readonly RangeEncoder encoder = new();
    private int next = start;
    private int nextEscape = firstEscape;

    /// <inheritdoc/>
    public override bool IsDone => next == end;

    /// <summary>Ends the part.</summary>
    /// <returns>Its bytes.</returns>
    public byte[] Finish() => encoder.Finish();

    /// <inheritdoc/>
    protected override int Code(ReadOnlySpan<uint> frequencies, ulong escape, ulong total)
    {
        int id = text.Ids[next++];
        if (id == Vocabulary.UnknownId)
        {
            encoder.Encode(0, escape, total);
            (int from, int length) = text.Escapes[nextEscape++];
            Escapes.Encode(encoder, text.Content.Span.Slice(from, length));
            return id;
        }
        ulong before = escape;
        foreach (uint frequency in frequencies[1..id])
            before += frequency;
        encoder.Encode(before, frequencies[id], total);
        return id;
    }
}
