namespace Unroll.Compression;

/// <summary>Bytes as tokens and what no token says.</summary>
/// <param name="Content">The bytes.</param>
/// <param name="Ids">The tokens; the unknown one where an escape stands.</param>
/// <param name="Escapes">The escapes in their order, each a stretch of the bytes.</param>
internal sealed record ParsedText(ReadOnlyMemory<byte> Content, IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int Length)> Escapes)
{
    /// <summary>Bytes that no token says.</summary>
    public long EscapedBytes => Escapes.Sum(escape => (long)escape.Length);
}
