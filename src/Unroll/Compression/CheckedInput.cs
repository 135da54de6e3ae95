using System.Security.Cryptography;

namespace Unroll.Compression;

/// <summary>Where compressed bytes come from, and what is remembered of them and of the text for the check at the end.</summary>
/// <param name="stream">Where from.</param>
internal sealed class CheckedInput(Stream stream) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = new byte[1 << 12];
    private int peeked; // bytes that were looked at and stand in the buffer: one or none

    /// <summary>Looks at the next byte; -1 where there is none.</summary>
    public int Peek()
    {
        if (peeked == 0)
            peeked = stream.Read(buffer, 0, 1);
        return peeked == 1 ? buffer[0] : -1;
    }

    /// <summary>Reads bytes; valid until the next call.</summary>
    /// <exception cref="CompressedTextException">There are fewer.</exception>
    public ReadOnlySpan<byte> Read(int count)
    {
        // No more room than there are bytes: damage may say any number.
        int read = Math.Min(peeked, count);
        peeked -= read;
        while (read < count)
        {
            if (read == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(count, 2L * buffer.Length));
            int more = stream.Read(buffer, read, Math.Min(count, buffer.Length) - read);
            if (more == 0)
                throw new CompressedTextException("is cut short");
            read += more;
        }
        hash.AppendData(buffer, 0, count);
        return buffer.AsSpan(0, count);
    }

    /// <summary>Reads all that is left, or so much.</summary>
    public byte[] ReadToEnd(int most)
    {
        var bytes = new MemoryStream();
        while (bytes.Length < most && Peek() >= 0)
            bytes.Write(Read(1));
        return bytes.ToArray();
    }

    /// <summary>Takes the text in.</summary>
    public void Note(ReadOnlySpan<byte> content) => hash.AppendData(content);

    /// <summary>Reads the check, and whether there is anything after it.</summary>
    /// <exception cref="CompressedTextException">It is another, or there is.</exception>
    public void Finish()
    {
        byte[] ours = hash.GetCurrentHash();
        if (!Read(LongForm.CheckLength).SequenceEqual(ours.AsSpan(0, LongForm.CheckLength)))
            throw new CompressedTextException("is damaged");
        if (Peek() >= 0)
            throw new CompressedTextException("goes on after its end: something was added to it");
    }

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
