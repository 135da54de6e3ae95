namespace Unroll;

/// <summary>How much of a text has been read or downloaded.</summary>
/// <param name="Bytes">Bytes so far.</param>
/// <param name="Total">Bytes in all, or null where nobody knows yet: of a stream, for example.</param>
public readonly record struct ReadingProgress(long Bytes, long? Total);
