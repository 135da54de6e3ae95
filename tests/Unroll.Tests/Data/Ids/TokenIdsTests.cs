using CsCheck;
using Unroll.Data.Ids;
using Unroll.Files;
using Xunit;

namespace Unroll.Tests.Data.Ids;

public class TokenIdsTests
{
    [Fact]
    public void SlicesAndReadsAreThoseOfAnArray() => Gen.Select(Gen.Int[0, 600_000], Gen.Double.Unit, Gen.Double.Unit, Gen.Double.Unit, Gen.Int[0, 31]).Sample((length, a, b, c, bits) =>
    {
        int[] array = [.. Enumerable.Range(1, length).Select(n => (int)((uint)n * 2654435761u >> (31 - bits) >> 1))];
        int from = (int)(a * length);
        int count = (int)(b * (length - from));
        int position = (int)(c * count);
        using var folder = new TemporaryFolder();
        using var file = new TemporaryFile(folder.Path);
        foreach (IdWriter writer in new[] { new IdWriter(), new IdWriter(file.Handle, "a file", 7), new IdWriter(300_000, () => TemporaryFile.Nameless(folder.Path)) })
        {
            for (int start = 0, size = 1; start < length; start += size, size = 1 + ((size * 3) % 30_000))
                writer.Append(array.AsSpan(start, Math.Min(size, length - start)));
            TokenIds ids = new(writer.Finish(), map: null, start: 0, length);
            TokenIds slice = ids.Slice(from, count);
            Assert.Equal(count, slice.Length);
            int[] read = new int[count - position];
            slice.Read(position, read);
            Assert.Equal(array[(from + position)..(from + count)], read);
        }
        Assert.Equal(array, CorpusTests.All(new TokenIds(array)));
    }, iter: 30);

    [Theory]
    [InlineData(255, 1)]
    [InlineData(256, 2)]
    [InlineData(65535, 2)]
    [InlineData(65536, 4)]
    [InlineData(int.MaxValue, 4)]
    [InlineData(-1, 4)]
    public void AnIdTakesAsManyBytesAsTheGreatestNeeds(int greatest, int width)
    {
        int[] ids = [0, greatest, 1];
        var writer = new IdWriter();
        writer.Append(ids);
        IdSegments segments = writer.Finish();
        Assert.Equal((width, 3 * width), (segments.Segments[0].Width, segments.Segments[0].Bytes!.Length));
        Assert.Equal(ids, CorpusTests.All(new TokenIds(ids)));
    }

    [Fact]
    public void NegativesAreNoIdsOfAVocabularyButAreKept() => Assert.Equal([-5, 7], CorpusTests.All(new TokenIds(new[] { -5, 7 })));

    [Fact]
    public void NothingBeyondTheEndsIsReadable()
    {
        TokenIds ids = new TokenIds(new[] { 1, 2, 3, 4 }).Slice(1, 2);
        int[] two = new int[2];
        ids.Read(0, two);
        Assert.Equal([2, 3], two);
        ids.Read(2, []);
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Read(1, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Read(-1, two));
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Read(3, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Slice(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Slice(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ids.Slice(long.MaxValue, 1));
    }
}
