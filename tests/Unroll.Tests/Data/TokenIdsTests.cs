using CsCheck;
using Unroll.Data;
using Xunit;

namespace Unroll.Tests.Data;

public class TokenIdsTests
{
    [Fact]
    public void SlicesAndReadsAreThoseOfAnArray() => Gen.Select(Gen.Int[0, 200_000], Gen.Double.Unit, Gen.Double.Unit, Gen.Double.Unit).Sample((length, a, b, c) =>
    {
        int[] array = [.. Enumerable.Range(1, length)];
        var list = new TokenIdList();
        for (int start = 0, size = 1; start < length; start += size, size = 1 + ((size * 3) % 30_000))
            list.Append(array.AsSpan(start, Math.Min(size, length - start)));
        int from = (int)(a * length);
        int count = (int)(b * (length - from));
        int position = (int)(c * count);
        foreach (TokenIds ids in new[] { new TokenIds(array), list.ToTokenIds() })
        {
            Assert.Equal(length, ids.Length);
            TokenIds slice = ids.Slice(from, count);
            Assert.Equal(count, slice.Length);
            int[] read = new int[count - position];
            slice.Read(position, read);
            Assert.Equal(array[(from + position)..(from + count)], read);
        }
        Assert.Equal(array.Skip(from).Sum(n => (long)(n % 10)), list.Sum(from, [.. Enumerable.Range(0, length + 1).Select(n => n % 10)]));
        list.Map([.. Enumerable.Range(0, length + 1).Select(n => length - n)]);
        Assert.Equal(array.Select(n => length - n), CorpusTests.All(list.ToTokenIds()));
    }, iter: 30);

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
