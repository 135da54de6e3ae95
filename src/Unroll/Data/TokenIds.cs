namespace Unroll.Data;

/// <summary>A long row of token ids that is read in pieces.</summary>
public sealed class TokenIds
{
    /// <summary>Ids held in memory.</summary>
    public TokenIds(ReadOnlyMemory<int> ids) => throw new NotImplementedException();

    /// <summary>The number of ids.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>Copies ids out.</summary>
    /// <param name="start">The first id's position.</param>
    /// <param name="destination">Filled completely.</param>
    public void Read(long start, Span<int> destination) => throw new NotImplementedException();

    /// <summary>A part of the row; nothing is copied.</summary>
    public TokenIds Slice(long start, long length) => throw new NotImplementedException();
}
