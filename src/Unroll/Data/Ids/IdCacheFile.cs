// A cache file: a head of fixed length, the ids, and an index (what the ids mean, and every segment's digest). The head is
// written last of all. Reading believes nothing that a digest does not vouch for, and no number that does not fit the rest:
// whoever can compute a digest can make a file whose digests are right.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Unroll.Data.Sources;
using Unroll.Files;

namespace Unroll.Data.Ids;

internal static class IdCacheFile
{
    /// <summary>How a cache file's name ends.</summary>
    public const string Ending = ".ids";

    /// <summary>Where the first id stands.</summary>
    public const int HeadLength = 128;

    /// <summary>Counts up when the layout changes, or what a tokenizer makes of a text.</summary>
    public const int Version = 1;

    private const int DigestLength = SHA256.HashSizeInBytes;
    private const int HeadDigestAt = HeadLength - DigestLength;
    private const int ShortestEntry = 1 + sizeof(long); // a token, in the index: its length and its count

    private static ReadOnlySpan<byte> Magic => "UnrollId"u8;

    /// <summary>Completes a file that already contains the text's numbers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="key">What the text is known by.</param>
    /// <param name="name">The text's name.</param>
    /// <param name="text">The text.</param>
    public static void Complete(SafeFileHandle file, byte[] key, string name, NumberedText text)
    {
        using var index = new MemoryStream();
        using (var writer = new BinaryWriter(index, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(key);
            writer.Write(name);
            writer.Write(text.Seen.Count);
            foreach (string token in text.Seen)
                writer.Write(token);
            foreach (long count in text.Counts)
                writer.Write(count);
            writer.Write(text.Numbers.Length);
            foreach (IdSegment segment in text.Numbers.Segments)
            {
                writer.Write((byte)segment.Width);
                writer.Write(segment.Digest);
            }
        }
        ReadOnlySpan<byte> content = index.GetBuffer().AsSpan(0, (int)index.Length);
        long position = RandomAccess.GetLength(file);
        TemporaryFile.Write(file, content, position);
        TemporaryFile.Write(file, Head(position, content), 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>The head of a file.</summary>
    /// <param name="position">Where its index begins.</param>
    /// <param name="index">The index.</param>
    internal static byte[] Head(long position, ReadOnlySpan<byte> index)
    {
        byte[] head = new byte[HeadLength];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), position);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(24), index.Length);
        SHA256.HashData(index, head.AsSpan(32));
        SHA256.HashData(head.AsSpan(0, HeadDigestAt), head.AsSpan(HeadDigestAt));
        return head;
    }

    /// <summary>Reads what a file says about itself.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What the text must be known by, or null for any.</param>
    /// <returns>The text, whose ids have not been looked at, and its name; null where the file is not what it should be.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (NumberedText Text, string Name)? Open(string path, byte[]? key)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var numbers = new IdSegments(file, path);
        bool right = false;
        try
        {
            (NumberedText, string)? read = Index(file) is { } index ? Parse(index, numbers, path, key, RandomAccess.GetLength(file) - index.Length) : null;
            right = read is not null;
            return read;
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or OverflowException)
        {
            return null; // the index says what cannot be
        }
        finally
        {
            if (!right)
                numbers.Dispose();
        }
    }

    private static byte[]? Index(SafeFileHandle file)
    {
        byte[] head = new byte[HeadLength];
        if (RandomAccess.Read(file, head, 0) < HeadLength || !head.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8)) != Version
            || !SHA256.HashData(head.AsSpan(0, HeadDigestAt)).AsSpan().SequenceEqual(head.AsSpan(HeadDigestAt)))
            return null;
        long position = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(16));
        long length = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(24));
        if (position < HeadLength || length < 0 || length > Array.MaxLength || position + length != RandomAccess.GetLength(file))
            return null;
        byte[] index = GC.AllocateUninitializedArray<byte>((int)length);
        return TextFiles.Read(file, "", index, position) == length && SHA256.HashData(index).AsSpan().SequenceEqual(head.AsSpan(32, DigestLength))
            ? index : null;
    }

    private static (NumberedText Text, string Name)? Parse(byte[] index, IdSegments numbers, string path, byte[]? key, long end)
    {
        using var reader = new BinaryReader(new MemoryStream(index), Encoding.UTF8);
        byte[] itsKey = Digest();
        if (key is not null && !itsKey.AsSpan().SequenceEqual(key))
            return null;
        string name = reader.ReadString();
        int tokens = reader.ReadInt32();
        if (tokens < 1 || tokens > index.Length / ShortestEntry)
            return null;
        string[] seen = new string[tokens];
        for (int number = 0; number < tokens; number++)
            seen[number] = reader.ReadString();
        long[] counts = new long[tokens];
        long length = 0;
        for (int number = 0; number < tokens; number++)
        {
            counts[number] = reader.ReadInt64();
            if (counts[number] < 1)
                return null;
            length = checked(length + counts[number]);
        }
        if (reader.ReadInt64() != length)
            return null;
        long offset = HeadLength;
        for (long left = length; left > 0; left -= IdSegment.Length)
        {
            int width = reader.ReadByte(), ids = (int)Math.Min(left, IdSegment.Length);
            if (width is not (1 or 2 or 4))
                return null;
            numbers.Add(new IdSegment(width, offset, Digest(), Bytes: null), ids);
            offset += (long)ids * width;
        }
        return offset == end && reader.BaseStream.Position == index.Length
            ? (new NumberedText(seen, counts, numbers) { CachePath = path }, name) : null;

        byte[] Digest() => reader.ReadBytes(DigestLength) is { Length: DigestLength } digest ? digest : throw new EndOfStreamException();
    }
}
