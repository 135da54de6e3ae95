using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Unroll.Files;

namespace Unroll.Data.Ids;

/// <summary>Writes a row of ids, segment by segment: into memory, into a file, or into memory as long as they are few.</summary>
internal sealed class IdWriter : IDisposable
{
    private const long FlushEvery = 64 << 20;

    private readonly long limit; // bytes to hold in memory
    private readonly Func<(SafeFileHandle File, string Name)>? open;
    private IdSegments segments;
    private int[] pending = new int[256];
    private int count; // of those pending
    private byte[] buffer = []; // reused where a file takes what is in it
    private long bytes;
    private long flushed;
    private Task flushing = Task.CompletedTask;
    private bool finished;

    /// <summary>Keeps everything in memory.</summary>
    public IdWriter() : this(long.MaxValue, null)
    {
    }

    /// <summary>Writes into a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="start">Where the first id goes.</param>
    public IdWriter(SafeFileHandle file, string name, long start)
    {
        (segments, bytes) = (new IdSegments(file, name), start);
    }

    /// <summary>Keeps ids in memory until they exceed a limit, then moves to a file.</summary>
    /// <param name="limit">In bytes.</param>
    /// <param name="open">Opens the file.</param>
    public IdWriter(long limit, Func<(SafeFileHandle File, string Name)>? open)
    {
        (this.limit, this.open, segments) = (limit, open, new IdSegments());
    }

    /// <summary>Appends ids.</summary>
    public void Append(ReadOnlySpan<int> ids)
    {
        while (!ids.IsEmpty)
        {
            Span<int> free = Free(ids.Length);
            ids[..free.Length].CopyTo(free);
            ids = ids[free.Length..];
            Taken(free.Length);
        }
    }

    /// <summary>Appends <paramref name="map"/>'s entries for ids.</summary>
    public void Append(ReadOnlySpan<int> ids, ReadOnlySpan<int> map)
    {
        while (!ids.IsEmpty)
        {
            Span<int> free = Free(ids.Length);
            for (int i = 0; i < free.Length; i++)
                free[i] = map[ids[i]];
            ids = ids[free.Length..];
            Taken(free.Length);
        }
    }

    /// <summary>The whole row, which is the caller's from now on; nothing may be appended afterwards.</summary>
    public IdSegments Finish()
    {
        if (count > 0)
            WriteSegment();
        flushing.GetAwaiter().GetResult();
        finished = true;
        return segments;
    }

    /// <summary>Gives up a row that was not finished, and the file that was opened for it.</summary>
    public void Dispose()
    {
        if (finished)
            return;
        Task.WaitAny(flushing);
        if (open is not null)
            segments.Dispose();
    }

    private Span<int> Free(int wanted)
    {
        if (count == pending.Length)
            Array.Resize(ref pending, pending.Length * 2); // a short text must not cost a whole segment
        return pending.AsSpan(count, Math.Min(wanted, pending.Length - count));
    }

    private void Taken(int more)
    {
        count += more;
        if (count == IdSegment.Length)
            WriteSegment();
    }

    private void WriteSegment()
    {
        Span<int> ids = pending.AsSpan(0, count);
        int width = IdSegment.WidthFor(ids);
        int length = count * width;
        if (segments.File is null && open is not null && bytes + length > limit)
            MoveToFile();
        byte[]? own = segments.File is null ? new byte[length] : null;
        if (own is null && buffer.Length == 0)
            buffer = new byte[IdSegment.Length * sizeof(int)];
        Span<byte> packed = (own ?? buffer).AsSpan(0, length);
        IdSegment.Pack(ids, width, packed);
        if (segments.File is { } file)
            Write(file, packed);
        segments.Add(new IdSegment(width, bytes, SHA256.HashData(packed), own), count);
        bytes += length;
        count = 0;
    }

    // The disk works while the text is read, so that little is left to wait for at the end.
    private void Write(SafeFileHandle file, ReadOnlySpan<byte> packed)
    {
        TemporaryFile.Write(file, packed, bytes);
        if (bytes - flushed < FlushEvery || !flushing.IsCompleted)
            return;
        flushing.GetAwaiter().GetResult();
        flushed = bytes;
        flushing = Task.Run(() => RandomAccess.FlushToDisk(file));
    }

    private void MoveToFile()
    {
        (SafeFileHandle file, string name) = open!();
        var moved = new IdSegments(file, name);
        for (int i = 0; i < segments.Segments.Count; i++)
        {
            IdSegment segment = segments.Segments[i];
            TemporaryFile.Write(file, segment.Bytes, segment.Offset);
            moved.Add(segment with { Bytes = null }, segments.LengthOf(i));
        }
        segments = moved;
    }
}
