// The one way to a text's ids. Where they lie, in memory or in a file, is nobody else's business.
using Unroll.Data.Ids;

namespace Unroll;

/// <summary>A long row of token ids that is read in pieces.</summary>
public sealed class TokenIds
{
    private readonly IdSegments segments;
    private readonly int[]? map; // from what is kept to the id; null where that is the same
    private readonly long start;

    /// <summary>A copy of ids, held in memory.</summary>
    public TokenIds(ReadOnlyMemory<int> ids) : this(Keep(ids.Span), map: null, start: 0, ids.Length)
    {
    }

    internal TokenIds(IdSegments segments, int[]? map, long start, long length)
    {
        (this.segments, this.map, this.start, Length) = (segments, map, start, length);
    }

    /// <summary>The number of ids.</summary>
    public long Length { get; }

    /// <summary>Copies ids out. Allocates nothing; may be called from several threads at once.</summary>
    /// <param name="start">The first id's position.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many ids from there on.</exception>
    /// <exception cref="ObjectDisposedException">The corpus that they belong to has been disposed of.</exception>
    /// <exception cref="UnrollException">The file that a long text's ids are kept in can no longer be read.</exception>
    public void Read(long start, Span<int> destination)
    {
        CheckRange(start, destination.Length);
        segments.Read(this.start + start, destination);
        if (map is null)
            return;
        foreach (ref int id in destination)
            id = map[id];
    }

    /// <summary>A part of the row; nothing is copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many ids from there on.</exception>
    public TokenIds Slice(long start, long length)
    {
        CheckRange(start, length);
        return new TokenIds(segments, map, this.start + start, length);
    }

    private static IdSegments Keep(ReadOnlySpan<int> ids)
    {
        var writer = new IdWriter();
        writer.Append(ids);
        return writer.Finish();
    }

    private void CheckRange(long start, long length)
    {
        if (start < 0 || start > Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"There are {Length} ids.");
        if (length < 0 || length > Length - start)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"There are {Length - start} ids from position {start} on.");
    }
}
