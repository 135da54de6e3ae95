// The one way to a text's ids. Where they lie (here: in memory) is nobody else's business, so that a text greater than
// the memory can be kept elsewhere behind the same three members.
namespace Unroll.Data;

/// <summary>A long row of token ids that is read in pieces.</summary>
public sealed class TokenIds
{
    private readonly IReadOnlyList<ReadOnlyMemory<int>> segments; // all 2^shift ids long, but for the last
    private readonly int shift;
    private readonly long start;

    /// <summary>Ids held in memory.</summary>
    public TokenIds(ReadOnlyMemory<int> ids) : this([ids], shift: 31, start: 0, ids.Length)
    {
    }

    internal TokenIds(IReadOnlyList<ReadOnlyMemory<int>> segments, int shift, long start, long length)
    {
        (this.segments, this.shift, this.start, Length) = (segments, shift, start, length);
    }

    /// <summary>The number of ids.</summary>
    public long Length { get; }

    /// <summary>Copies ids out.</summary>
    /// <param name="start">The first id's position.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many ids from there on.</exception>
    public void Read(long start, Span<int> destination)
    {
        CheckRange(start, destination.Length);
        long position = this.start + start;
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<int> segment = segments[(int)(position >> shift)].Span[(int)(position & ((1L << shift) - 1))..];
            int length = Math.Min(segment.Length, destination.Length);
            segment[..length].CopyTo(destination);
            destination = destination[length..];
            position += length;
        }
    }

    /// <summary>A part of the row; nothing is copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many ids from there on.</exception>
    public TokenIds Slice(long start, long length)
    {
        CheckRange(start, length);
        return new TokenIds(segments, shift, this.start + start, length);
    }

    private void CheckRange(long start, long length)
    {
        if (start < 0 || start > Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"There are {Length} ids.");
        if (length < 0 || length > Length - start)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"There are {Length - start} ids from position {start} on.");
    }
}
