using System.Security.Cryptography;

namespace Unroll.Compression;

/// <summary>Where compressed bytes go, and what is remembered of them and of the text for the check at the end.</summary>
/// <param name="stream">Where to.</param>
internal sealed class CheckedOutput(Stream stream) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
        Length += bytes.Length;
    }

    /// <summary>Takes the text in.</summary>
    public void Note(ReadOnlySpan<byte> content) => hash.AppendData(content);

    /// <summary>Writes the check.</summary>
    public void Finish() => Write(hash.GetCurrentHash().AsSpan(0, LongForm.CheckLength));

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();
}
