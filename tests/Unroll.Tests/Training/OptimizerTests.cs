using Unroll.Kernels;
using Unroll.Model;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class OptimizerTests
{
    private static readonly float[] Start = [1, -2, 0.5f, 3];

    [Fact]
    public void SgdTakesTheLearningRateTimesTheGradient()
    {
        float[] values = [.. Start];
        Update(new() { Optimizer = OptimizerKind.Sgd, Clip = 0 }, values, [[1, 2, 3, 4]], 0.5);
        Assert.Equal([0.5f, -3, -1, 1], values);
    }

    [Theory]
    [InlineData(5, 0.2)] // a norm of 25 is scaled down to 5
    [InlineData(25, 1)] // exactly the threshold: as it is
    [InlineData(30, 1)] // below: as it is, never scaled up
    [InlineData(0, 1)] // no clipping
    public void ClippingScalesOnlyLargerNorms(double clip, double scale)
    {
        float[] values = [0, 0];
        Update(new() { Optimizer = OptimizerKind.Sgd, Clip = clip }, values, [[7, 24]], 1);
        Assert.Equal([-7 * scale, -24 * scale], values.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [InlineData(0, 24)]
    [InlineData(4, 4)]
    public void ClippingByValueCutsElementsOffAndLeavesTheOthers(double clip, float largest)
    {
        float[] values = [0, 0, 0];
        Update(new() { Optimizer = OptimizerKind.Sgd, Clip = clip, ClipBy = ClipKind.Value }, values, [[largest, -24, 3]], 1);
        Assert.Equal([-largest, largest, -3], values);
    }

    [Fact]
    public void MomentumAddsUpWhatFades()
    {
        float[] values = [0];
        var options = new TrainingOptions { Optimizer = OptimizerKind.Sgd, Clip = 0, Momentum = 0.5 };
        Update(options, values, [[8], [4], [0], [0]], 0.25);
        Assert.Equal([-0.25f * (8 + 8 + 4 + 2)], values);
        Assert.Equal(["momentum"], new Optimizer(options).Moments);
        Assert.Empty(new Optimizer(options with { Momentum = 0 }).Moments);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.7, 0.6)]
    public void AdamTakesItsBetas(double beta1, double beta2)
    {
        float[][] gradients = [[0.1f, -0.2f, 3, 1e-3f], [-0.3f, -0.2f, 0.1f, 1e-3f], [1, 0.5f, -2, 1e-3f]];
        float[] values = [.. Start];
        Update(new() { Beta1 = beta1, Beta2 = beta2, Clip = 0 }, values, gradients, 0.01);
        double[] expected = [.. Start.Select((x, i) => Adam(x, [.. gradients.Select(g => (double)g[i])], OptimizerKind.Adam, 0, 0.01, beta1, beta2))];
        Assert.Equal(expected, values.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 3e-6);
    }

    [Fact]
    public void DecayApartFromTheGradientSparesBiasesAndNeighboursGoTogether()
    {
        var parameters = new Parameters(new ModelOptions { HiddenSize = 3, EmbeddingSize = 2, Layers = 2 }, 5);
        DecayRange[] ranges = DecayRange.Of(parameters.Tensors);
        Assert.Equal([true, false, true, false, true, false], ranges.Select(range => range.Decays));
        Assert.Equal((0, parameters.Count), (ranges[0].Start, ranges[^1].End));
        Assert.All(ranges.Skip(1).Zip(ranges), pair => Assert.Equal(pair.Second.End, pair.First.Start));
        foreach (ParameterTensor tensor in parameters.Tensors)
            Assert.Equal(!tensor.IsVector, ranges.Single(range => range.Start <= tensor.Offset && tensor.Offset + tensor.Count <= range.End).Decays);
    }

    [Fact]
    public void SgdAddsWeightDecayToTheGradient()
    {
        float[] values = [2];
        Update(new() { Optimizer = OptimizerKind.Sgd, Clip = 0, WeightDecay = 0.5 }, values, [[1]], 0.25);
        Assert.Equal([1.5f], values);
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0)]
    [InlineData(OptimizerKind.Adam, 0.1)]
    [InlineData(OptimizerKind.AdamW, 0.1)]
    public void AdamAgreesWithItsFormulaInDouble(OptimizerKind kind, double decay)
    {
        float[][] gradients = [[0.1f, -0.2f, 3, 1e-6f], [-0.3f, -0.2f, 0, 1e-6f], [1, 0.5f, -2, 1e-6f], [0, 0, 0, 0]];
        float[] values = [.. Start];
        Update(new() { Optimizer = kind, Clip = 0, WeightDecay = decay }, values, gradients, 0.01);
        double[] expected = [.. Start.Select((x, i) => Adam(x, [.. gradients.Select(g => (double)g[i])], kind, decay, 0.01))];
        Assert.Equal(expected, values.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 3e-6);
    }

    [Fact]
    public void AdamsFirstStepIsTheLearningRateWhateverTheGradientsSize()
    {
        float[] values = [0, 0, 0];
        Update(new() { Clip = 0 }, values, [[1e-3f, -5, 1e4f]], 0.01);
        Assert.Equal([-0.01, 0.01, -0.01], values.Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void AdamGoesOnFromItsMomentsAndPowers()
    {
        var options = new TrainingOptions { Clip = 1 };
        float[][] gradients = [[1, 2, 3, 4], [4, 3, 2, 1], [-1, 0, 1, 0]];
        float[] through = [.. Start], pieces = [.. Start];
        Update(options, through, gradients, 0.1);

        var first = new Optimizer(options);
        float[][] moments = Moments(first, 4);
        Step(first, moments, pieces, gradients[0], 0.1);
        var second = new Optimizer(options) { Powers = first.Powers };
        Step(second, moments, pieces, gradients[1], 0.1);
        Step(second, moments, pieces, gradients[2], 0.1);
        Assert.Equal(through, pieces);
    }

    private static void Update(TrainingOptions options, float[] values, float[][] gradients, double learningRate)
    {
        var optimizer = new Optimizer(options);
        float[][] moments = Moments(optimizer, values.Length);
        foreach (float[] gradient in gradients)
            Step(optimizer, moments, values, gradient, learningRate);
    }

    private static float[][] Moments(Optimizer optimizer, int length) => [.. optimizer.Moments.Select(_ => new float[length])];

    private static void Step(Optimizer optimizer, float[][] moments, float[] values, float[] gradient, double learningRate)
    {
        double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
        ParameterUpdate.Apply(values, gradient, moments, 0, values.Length, optimizer.Next(norm, learningRate));
    }

    private static double Adam(double x, double[] gradients, OptimizerKind kind, double decay, double rate, double beta1 = 0.9, double beta2 = 0.999)
    {
        double m = 0, v = 0;
        for (int t = 1; t <= gradients.Length; t++)
        {
            double g = gradients[t - 1] + (kind == OptimizerKind.Adam ? decay * x : 0);
            if (kind == OptimizerKind.AdamW)
                x -= rate * decay * x;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            x -= rate * (m / (1 - Math.Pow(beta1, t))) / (Math.Sqrt(v / (1 - Math.Pow(beta2, t))) + 1e-8);
        }
        return x;
    }
}
