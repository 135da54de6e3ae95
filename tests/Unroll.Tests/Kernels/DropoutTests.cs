using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Dropout masks.</summary>
public class DropoutTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_right_fraction_is_dropped_and_the_rest_scaled_up(double probability)
    {
        using var memory = new TestMatrix();
        Matrix mask = memory.Random(200, 101, 1);
        Dropout.Fill(mask, probability, new RandomStream(1, RandomPurpose.Dropout, 1), 0);
        float[] values = [.. Enumerable.Range(0, 200).SelectMany(row => mask.RowSpan(row).ToArray())];
        Assert.All(values, value => Assert.True(value == 0 || value == (float)(1 / (1 - probability))));
        Assert.Equal(probability, values.Count(value => value == 0) / (double)values.Length, 0.012);
        Assert.Equal(1, values.Average(), 0.08);
    }

    [Fact]
    public void A_row_s_mask_depends_on_its_number_alone()
    {
        using var memory = new TestMatrix();
        var random = new RandomStream(5, RandomPurpose.Dropout, 3);
        Matrix whole = memory.Random(10, 33, 1), part = memory.Random(4, 33, 2);
        Dropout.Fill(whole, 0.4, random, 100);
        Dropout.Fill(part, 0.4, random, 103);
        for (int row = 0; row < 4; row++)
            Assert.Equal(whole.RowSpan(3 + row).ToArray(), part.RowSpan(row).ToArray());
        Assert.NotEqual(whole.RowSpan(0).ToArray(), whole.RowSpan(1).ToArray());
    }
}
