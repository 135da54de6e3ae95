// What a text is known by: SHA-256 over its files' chunks, each by its own SHA-256, so that several cores can share the work.
// Every start of a run on a long text computes it: seconds for ten gigabytes in the system's cache, and never wrong,
// whereas different contents may have the same size and time, and the same content different ones.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Unroll.Data.Sources;

namespace Unroll.Data.Ids;

internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="kind">What changes the numbers besides the bytes.</param>
    public ContentHash(string kind)
    {
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(kind));
    }

    /// <summary>Adds the next chunk; empty ones leave no trace.</summary>
    public void Append(bool beginsFile, int length, byte[] digest)
    {
        if (length == 0)
            return;
        Span<byte> numbers = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, beginsFile ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[sizeof(int)..], length);
        hash.AppendData(numbers);
        hash.AppendData(digest);
    }

    /// <summary>The text's key.</summary>
    public byte[] Finish() => hash.GetHashAndReset();

    /// <summary>The key of files as they are now.</summary>
    public static byte[] Compute(
        IReadOnlyList<string> files, string kind, int chunkLength, int threads, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using var content = new ContentHash(kind);
        long total = TextFiles.Length(files), read = 0;
        foreach (string path in files)
        {
            using SafeFileHandle file = TextFiles.Open(path);
            int chunks = checked((int)((RandomAccess.GetLength(file) + chunkLength - 1) / chunkLength));
            ParallelChunks.Run(chunks, threads, chunkLength, (i, buffer) =>
            {
                int length = TextFiles.Read(file, path, buffer.AsSpan(0, chunkLength), (long)i * chunkLength);
                return (Length: length, Digest: SHA256.HashData(buffer.AsSpan(0, length)));
            }, (i, chunk) =>
            {
                content.Append(i == 0, chunk.Length, chunk.Digest);
                progress?.Report(new ReadingProgress(read += chunk.Length, total));
            }, cancellationToken);
        }
        return content.Finish();
    }

    public void Dispose() => hash.Dispose();
}
