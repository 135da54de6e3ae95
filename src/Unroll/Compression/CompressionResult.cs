namespace Unroll;

/// <summary>What became of a text that was compressed.</summary>
/// <param name="Bytes">Bytes of the text.</param>
/// <param name="CompressedBytes">Bytes of what became of it.</param>
/// <param name="Tokens">The tokens that the model took it for, one for each escape among them.</param>
/// <param name="EscapedBytes">Bytes that no token says.</param>
public sealed record CompressionResult(long Bytes, long CompressedBytes, long Tokens, long EscapedBytes);
