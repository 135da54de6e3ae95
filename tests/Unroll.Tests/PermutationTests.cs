using CsCheck;
using Unroll.Data;
using Xunit;

namespace Unroll.Tests;

public class PermutationTests
{
    [Fact]
    public void EveryThingComesOnce() => Gen.Select(Gen.Int[1, 2000], Gen.ULong).Sample((length, seed) =>
    {
        Permutation order = Order(seed, length);
        Assert.Equal(Enumerable.Range(0, length).Select(n => (long)n), Enumerable.Range(0, length).Select(n => order[n]).Order());
    });

    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 24)]
    [InlineData(5, 120)]
    public void EveryOrderIsAboutAsLikely(int length, int orders)
    {
        // Pearson's chi-squared over all n! orders; the bound lies five standard deviations above its mean.
        const int EachExpected = 100;
        Dictionary<string, int> counts = [];
        for (int seed = 0; seed < orders * EachExpected; seed++)
        {
            Permutation order = Order((ulong)seed, length);
            string key = string.Join(' ', Enumerable.Range(0, length).Select(n => order[n]));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(orders, counts.Count);
        double chiSquared = counts.Values.Sum(count => (double)(count - EachExpected) * (count - EachExpected) / EachExpected);
        Assert.InRange(chiSquared, 0, (orders - 1) + (5 * Math.Sqrt(2 * (orders - 1))));
    }

    [Fact]
    public void NeighboursAreTornApart()
    {
        // In a random order of n things the mean distance of successive ones is near n / 3.
        const int Length = 10_000;
        Permutation order = Order(1, Length);
        double distance = Enumerable.Range(1, Length - 1).Average(n => (double)Math.Abs(order[n] - order[n - 1]));
        Assert.InRange(distance, Length / 3.0 * 0.97, Length / 3.0 * 1.03);
    }

    [Fact]
    public void AHugeOneTakesNoMemory()
    {
        Permutation order = Order(7, 1L << 40);
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(n => order[n]).Distinct().Count());
        Assert.All(Enumerable.Range(0, 1000), n => Assert.InRange(order[n], 0, (1L << 40) - 1));
    }

    private static Permutation Order(ulong seed, long length) => new(new RandomStream(seed, RandomPurpose.WindowOrder, 0), length);
}
