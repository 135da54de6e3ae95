using Xunit;

namespace Unroll.Tests;

/// <summary>The generator against its inventors' numbers, and the streams drawn from it.</summary>
public class RandomStreamTests
{
    // Random123's known answers for philox4x32-10: counter words 2 and 3 are our index (with purpose 0), the key our seed.
    [Theory]
    [InlineData(0, 0, 0, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Blocks_are_Philox_s(ulong seed, ulong index, ulong counter, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), new RandomStream(seed, 0, index).Block(counter));

    [Fact]
    public void Every_position_has_bits_of_its_own()
    {
        var stream = new RandomStream(1, RandomPurpose.Dropout, 2);
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(i => stream.Bits((ulong)i)).Distinct().Count());
    }

    [Fact]
    public void Seed_purpose_and_index_each_make_another_stream()
    {
        ulong[] first = [.. new (ulong Seed, RandomPurpose Purpose, ulong Index)[]
        {
            (1, RandomPurpose.Dropout, 1), (2, RandomPurpose.Dropout, 1), (1, RandomPurpose.Sampling, 1), (1, RandomPurpose.Dropout, 2),
            (1UL << 32, RandomPurpose.Dropout, 1), (1, RandomPurpose.Dropout, 1UL << 32),
        }.Select(key => new RandomStream(key.Seed, key.Purpose, key.Index).Bits(0))];
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    [Fact]
    public void Uniform_numbers_are_uniform()
    {
        var stream = new RandomStream(3, RandomPurpose.Sampling, 0);
        double[] values = [.. Enumerable.Range(0, 100_000).Select(i => stream.Uniform((ulong)i))];
        Assert.All(values, value => Assert.InRange(value, 0, Math.BitDecrement(1.0)));
        Assert.Equal(0.5, values.Average(), 0.005);
        Assert.Equal(1 / 12.0, values.Average(value => (value - 0.5) * (value - 0.5)), 0.001);
        Assert.Equal(0, values.Zip(values.Skip(1), (a, b) => (a - 0.5) * (b - 0.5)).Average(), 0.001);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Integers_stay_below_their_bound_and_reach_every_part_of_it(int bound)
    {
        var stream = new RandomStream(3, RandomPurpose.Sampling, 0);
        int[] tenths = new int[10];
        for (ulong i = 0; i < 10_000; i++)
        {
            int value = stream.Below(i, bound);
            Assert.InRange(value, 0, bound - 1);
            tenths[(int)((double)value / bound * 10)]++;
        }
        Assert.Equal(Math.Min(bound, 10), tenths.Count(count => count > 800));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_bound_below_one_is_refused(int bound) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(1, RandomPurpose.Sampling, 0).Below(0, bound));
}
