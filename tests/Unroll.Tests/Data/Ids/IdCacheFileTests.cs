using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Unroll.Data.Ids;
using Xunit;

namespace Unroll.Tests.Data.Ids;

/// <summary>Cache files whose digests are all right and whose content is not: whoever can write one can compute a digest.</summary>
public sealed class IdCacheFileTests : IDisposable
{
    private const string Text = "the time machine, the time traveller";
    private const int Occurrences = 5; // of the first of its characters
    private const int Tokens = 13; // different characters in it

    private readonly TemporaryFolder folder = new();
    private readonly string path;
    private readonly string expected;
    private readonly string cached;
    private readonly byte[] whole;
    private readonly int indexAt;

    public IdCacheFileTests()
    {
        path = folder.Write("a.txt", Text);
        using Corpus corpus = Load();
        (expected, cached) = (corpus.Fingerprint, corpus.CachePath!);
        whole = File.ReadAllBytes(cached);
        indexAt = (int)BinaryPrimitives.ReadInt64LittleEndian(whole.AsSpan(16));
        Assert.Equal(IdCacheFile.HeadLength + Text.Length, indexAt);
        Assert.Equal((Tokens, Occurrences), (Text.Distinct().Count(), Text.Count(c => c == Text[0])));
    }

    private IdCacheFolder Cache => new(Path.Combine(folder.Path, "ids"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnIndexThatIsWrittenTheSameWayIsTheSameFile() => Assert.Equal(whole, Forged(new Index()));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(Tokens - 1)]
    [InlineData(Tokens + 1)]
    [InlineData(200_000_000)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void ANumberOfTokensThatCannotBe(int tokens) => Check(new Index { NumberOfTokens = tokens });

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(35)]
    [InlineData(37)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void ALengthThatCannotBe(long length) => Check(new Index { Length = length });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(long.MaxValue)]
    public void CountsThatCannotBe(long count)
    {
        Check(new Index { Count = count });
        Check(new Index { Count = count, Length = Text.Length - Occurrences + count });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(255)]
    public void AWidthThatCannotBe(byte width) => Check(new Index { Width = width });

    [Fact]
    public void AnIndexThatEndsEarlyOrLate()
    {
        byte[] index = new Index().Bytes(whole, indexAt);
        for (int length = 0; length < index.Length; length++)
            Check(Forged(index.AsSpan(0, length)));
        Check(Forged([.. index, 0]));
    }

    [Fact]
    public void ATokenLongerThanAllThatFollows()
    {
        byte[] index = new Index().Bytes(whole, indexAt);
        int first = SHA256.HashSizeInBytes + 1 + "a.txt".Length + sizeof(int);
        Assert.Equal([1, (byte)'t'], index[first..(first + 2)]);
        foreach (byte[] length in new byte[][] { [0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F] })
            Check(Forged([.. index[..first], .. length, .. index[(first + 1)..]]));
    }

    [Theory]
    [InlineData(Tokens)]
    [InlineData(255)]
    public void AnIdThatMeansNothing(byte id)
    {
        byte[] file = [.. whole];
        file[IdCacheFile.HeadLength + 3] = id;
        Check(new Index { Digest = SHA256.HashData(file.AsSpan(IdCacheFile.HeadLength, Text.Length)) }.Bytes(file, indexAt), file, isListed: true);
    }

    [Fact]
    public void WiderIdsAreLookedAtToo()
    {
        int[] ids = [.. Enumerable.Range(0, 3000)];
        byte[] bytes = new byte[4 * ids.Length];
        foreach (int width in new[] { 2, 4 })
        {
            IdSegment.Pack(ids, width, bytes);
            Assert.True(IdSegment.AreBelow(3000, bytes.AsSpan(0, width * ids.Length), width));
            Assert.False(IdSegment.AreBelow(2999, bytes.AsSpan(0, width * ids.Length), width));
        }
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4000), -1);
        Assert.False(IdSegment.AreBelow(3000, bytes, 4));
    }

    private void Check(Index index) => Check(Forged(index));

    private void Check(byte[] file) => Check(file.AsSpan(indexAt).ToArray(), file, isListed: false);

    /// <summary>The file is listed as damaged, and rebuilt when it is needed.</summary>
    private void Check(byte[] index, byte[] ids, bool isListed)
    {
        File.WriteAllBytes(cached, Forged(index, ids));
        (string Path, long Bytes, string? Name) = Assert.Single(Cache.List());
        Assert.Equal((cached, isListed ? "a.txt" : null), (Path, Name));
        using Corpus corpus = Load();
        Assert.Equal($"The ids of a.txt in {cached} were damaged and have been rebuilt.", corpus.Notice);
        Assert.Equal(expected, corpus.Fingerprint);
        Assert.Equal(whole, File.ReadAllBytes(cached));
    }

    private byte[] Forged(Index index) => Forged(index.Bytes(whole, indexAt));

    private byte[] Forged(ReadOnlySpan<byte> index) => Forged(index, whole);

    private byte[] Forged(ReadOnlySpan<byte> index, byte[] ids) =>
        [.. IdCacheFile.Head(indexAt, index), .. ids.AsSpan(IdCacheFile.HeadLength, indexAt - IdCacheFile.HeadLength), .. index];

    private Corpus Load() => Corpus.Load(
        TextSource.FromPaths([path]), null, null, null, null, new IdCache(Cache.Path) { LongText = 10, ChunkLength = 64, Threads = 2 });

    /// <summary>The index of the text's cache file, with something else in a place.</summary>
    private sealed record Index
    {
        public int NumberOfTokens { get; init; } = Tokens;
        public long? Count { get; init; } // of the first token, "t"
        public long Length { get; init; } = Text.Length;
        public byte Width { get; init; } = 1;
        public byte[]? Digest { get; init; }

        public byte[] Bytes(byte[] file, int indexAt)
        {
            using var index = new MemoryStream();
            using var writer = new BinaryWriter(index, Encoding.UTF8);
            writer.Write(file.AsSpan(indexAt, SHA256.HashSizeInBytes));
            writer.Write("a.txt");
            writer.Write(NumberOfTokens);
            char[] seen = [.. Text.Distinct()];
            foreach (char token in seen)
                writer.Write(token.ToString());
            foreach (char token in seen)
                writer.Write(token == Text[0] && Count is long count ? count : Text.LongCount(c => c == token));
            writer.Write(Length);
            writer.Write(Width);
            writer.Write(Digest ?? SHA256.HashData(file.AsSpan(IdCacheFile.HeadLength, Text.Length)));
            writer.Flush();
            return index.ToArray();
        }
    }
}
