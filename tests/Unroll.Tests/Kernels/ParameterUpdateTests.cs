using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

public unsafe class ParameterUpdateTests
{
    private static readonly UpdateStep Step = new()
    {
        Rule = UpdateRule.Adam,
        Scale = 0.7f,
        Rate = 0.01f,
        Decay = 0.1f,
        Shrink = 0.999f,
        Beta1 = 0.9f,
        Rest1 = 0.1f,
        Beta2 = 0.999f,
        Rest2 = 0.001f,
        RootCorrection = 1.7f,
        Epsilon = 1e-8f,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1003)]
    public void EveryWidthGivesTheSameBits(int length)
    {
        float[][] expected = Updated<Lanes1>(length);
        Assert.Equal(expected, Updated<Lanes4>(length));
        Assert.Equal(expected, Updated<Lanes8>(length));
        Assert.Equal(expected, Updated<Lanes16>(length));
        Assert.Equal(expected, Updated(length));
    }

    [Fact]
    public void MomentsThatFadeAwayBecomeZeroAndNeverSubnormal()
    {
        float[] values = [1], gradients = [0], first = [1e-20f], second = [1e-20f], sum = [-1e-20f];
        for (int i = 0; i < 50_000; i++)
        {
            ParameterUpdate.Adam(values, gradients, first, second, Step with { Decay = 0 });
            ParameterUpdate.Momentum(values, gradients, sum, Step with { Decay = 0 });
            Assert.False(float.IsSubnormal(first[0]) || float.IsSubnormal(second[0]) || float.IsSubnormal(sum[0]));
        }
        Assert.Equal((0, 0, 0), (first[0], second[0], sum[0]));
    }

    [Fact]
    public void RefusesRowsOfDifferentLengths()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterUpdate.Sgd(new float[3], new float[2], Step));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterUpdate.Momentum(new float[3], new float[3], new float[2], Step));
        Assert.Throws<ArgumentOutOfRangeException>(() => RunningMean.Add(new float[3], new float[2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterUpdate.Adam(new float[3], new float[3], new float[3], new float[2], Step));
    }

    private static float[][] Updated(int length)
    {
        (float[] p, float[] g, float[] m, float[] v) = Rows(length);
        ParameterUpdate.CutOff(g, 0.4f);
        ParameterUpdate.Sgd(p, g, Step);
        ParameterUpdate.Momentum(p, g, m, Step);
        ParameterUpdate.Adam(p, g, m, v, Step);
        RunningMean.Add(g, p, 0.3f);
        return [p, m, v, g];
    }

    private static float[][] Updated<L>(int length) where L : struct, ILanes<L>
    {
        (float[] p, float[] g, float[] m, float[] v) = Rows(length);
        fixed (float* values = p, gradients = g, first = m, second = v)
        {
            int done = ParameterUpdate.CutOff<L>(gradients, 0, length, 0.4f);
            ParameterUpdate.CutOff<Lanes1>(gradients, done, length, 0.4f);
            done = ParameterUpdate.Sgd<L>(values, gradients, 0, length, Step);
            Assert.Equal(length / L.Width * L.Width, done);
            ParameterUpdate.Sgd<Lanes1>(values, gradients, done, length, Step);
            done = ParameterUpdate.Momentum<L>(values, gradients, first, 0, length, Step);
            ParameterUpdate.Momentum<Lanes1>(values, gradients, first, done, length, Step);
            done = ParameterUpdate.Adam<L>(values, gradients, first, second, 0, length, Step);
            ParameterUpdate.Adam<Lanes1>(values, gradients, first, second, done, length, Step);
            done = RunningMean.Add<L>(gradients, values, 0, length, 0.3f);
            RunningMean.Add<Lanes1>(gradients, values, done, length, 0.3f);
        }
        return [p, m, v, g];
    }

    private static (float[], float[], float[], float[]) Rows(int length)
    {
        var random = new RandomStream(5, RandomPurpose.InitialWeights, 1);
        return (Row(0, -1), Row(1, -1), Row(2, -1), Row(3, 0));

        float[] Row(int number, float least) => [.. Enumerable.Range(0, length).Select(i =>
            least + (1 - least) * (float)random.Uniform((ulong)(number * length + i)))];
    }
}
