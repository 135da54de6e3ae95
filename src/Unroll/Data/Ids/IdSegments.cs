// Where a text's ids lie: in memory or in a file, in segments of equal length. A file is read with positioned reads
// (pread), not through a mapping: what was read through a mapping counts as this process's memory until the system wants it
// back, and a file cut short under a mapping kills the process, where here it is a sentence.
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Unroll.Data.Ids;

/// <summary>A long row of ids. It grows at its end (see <see cref="IdWriter"/>); what it holds does not change, and may be read
/// from several threads at once. Disposing of it closes its file.</summary>
internal sealed class IdSegments : IDisposable
{
    private const int BufferLength = 4096;

    private readonly List<IdSegment> segments = [];
    private readonly string name; // for messages
    private volatile bool disposed;

    /// <param name="file">The file that holds the ids, or null for ids in memory.</param>
    /// <param name="name">The file's name, for messages.</param>
    public IdSegments(SafeFileHandle? file = null, string name = "")
    {
        (File, this.name) = (file, name);
    }

    /// <summary>The file that holds the ids, if one does.</summary>
    public SafeFileHandle? File { get; }

    /// <summary>The number of ids.</summary>
    public long Length { get; private set; }

    /// <summary>The segments, in order.</summary>
    public IReadOnlyList<IdSegment> Segments => segments;

    /// <summary>Appends a segment. All but the last must be full.</summary>
    public void Add(IdSegment segment, int length)
    {
        segments.Add(segment);
        Length += length;
    }

    /// <summary>How many ids a segment holds.</summary>
    public int LengthOf(int segment) => (int)Math.Min(IdSegment.Length, Length - ((long)segment << IdSegment.Shift));

    /// <summary>Copies ids out; the caller ensures that the range exists.</summary>
    /// <exception cref="ObjectDisposedException">The row has been disposed of.</exception>
    public void Read(long position, Span<int> ids)
    {
        if (disposed)
            throw new ObjectDisposedException(nameof(TokenIds), "The corpus that these ids belong to has been disposed of.");
        Span<byte> buffer = stackalloc byte[BufferLength];
        while (!ids.IsEmpty)
        {
            IdSegment segment = segments[(int)(position >> IdSegment.Shift)];
            int from = (int)(position & (IdSegment.Length - 1));
            int count = Math.Min(ids.Length, IdSegment.Length - from);
            if (segment.Bytes is { } bytes)
            {
                IdSegment.Unpack(bytes.AsSpan(from * segment.Width, count * segment.Width), segment.Width, ids[..count]);
            }
            else
            {
                count = Math.Min(count, BufferLength / segment.Width);
                Span<byte> part = buffer[..(count * segment.Width)];
                ReadFile(part, segment.Offset + ((long)from * segment.Width));
                IdSegment.Unpack(part, segment.Width, ids[..count]);
            }
            ids = ids[count..];
            position += count;
        }
    }

    /// <summary>Whether a segment's bytes in the file are those that were written, and its ids mean something.</summary>
    /// <param name="segment">Its number.</param>
    /// <param name="bound">What every id is smaller than.</param>
    /// <param name="buffer">Four bytes for every id of a full segment.</param>
    public bool IsWhole(int segment, int bound, byte[] buffer)
    {
        Span<byte> bytes = buffer.AsSpan(0, LengthOf(segment) * segments[segment].Width);
        ReadFile(bytes, segments[segment].Offset);
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(segments[segment].Digest) && IdSegment.AreBelow(bound, bytes, segments[segment].Width);
    }

    /// <summary>Closes the file. The ids can no longer be read, even those in memory.</summary>
    public void Dispose()
    {
        disposed = true;
        File?.Dispose();
    }

    private void ReadFile(Span<byte> bytes, long offset)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int read = RandomAccess.Read(File!, bytes, offset);
                if (read == 0)
                    throw new IOException("The file has become shorter.");
                bytes = bytes[read..];
                offset += read;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"The text's ids in \"{name}\" cannot be read: {exception.Message.TrimEnd('.')}. Start again; the text will be read again.", exception);
        }
    }
}
