using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

public class GradientNormTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(10_007)]
    public void IsSixteenSumsAddedInAFixedTree(int length)
    {
        var random = new RandomStream(3, RandomPurpose.InitialWeights, 2);
        float[] values = [.. Enumerable.Range(0, length).Select(i => (float)(random.Uniform((ulong)i) - 0.5) * MathF.Pow(10, i % 7))];
        double[] sums = new double[16];
        for (int i = 0; i < length; i++)
            sums[i % 16] += (double)values[i] * values[i];
        double even = Quad(0), odd = Quad(1);
        Assert.Equal(even + odd, GradientNorm.SumOfSquares(values));

        double Quad(int k) => ((sums[k] + sums[8 + k]) + (sums[4 + k] + sums[12 + k])) + ((sums[2 + k] + sums[10 + k]) + (sums[6 + k] + sums[14 + k]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void OneBadElementShows(float bad)
    {
        float[] values = new float[37];
        values[20] = bad;
        Assert.False(double.IsFinite(GradientNorm.SumOfSquares(values)));
    }

    [Fact]
    public void LargeElementsDoNotOverflow()
    {
        float[] values = [float.MaxValue, float.MaxValue];
        Assert.Equal(2 * (double)float.MaxValue * float.MaxValue, GradientNorm.SumOfSquares(values));
    }
}
