using Unroll.Kernels;
using Unroll.Tests.Oracles;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Losses and their gradients by the logits.</summary>
public class SoftmaxCrossEntropyTests
{
    [Fact]
    public void PyTorch_gives_the_same_losses_and_gradients()
    {
        foreach (PyTorchCrossEntropy expected in PyTorchCell.CrossEntropies)
        {
            float[] logits = [.. expected.Logits.Select(value => (float)value)];
            (float loss, float[] gradient) = Score(logits, expected.Target, 1);
            Assert.Equal(expected.Loss, loss, 1e-6 * Math.Max(1, expected.Loss));
            AssertGradient(expected.Gradient, gradient, 1);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(28)]
    [InlineData(1000)]
    public void Any_vocabulary_s_probabilities_sum_to_one(int vocabulary)
    {
        var random = new Random(vocabulary);
        float[] logits = [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(random.NextDouble() * 20 - 10))];
        int target = random.Next(vocabulary);
        const float scale = 0.25f;
        (float loss, float[] gradient) = Score(logits, target, scale);

        double sum = logits.Sum(value => Math.Exp(value));
        Assert.Equal(Math.Log(sum) - logits[target], loss, 2e-6 * Math.Max(1, loss));
        AssertGradient([.. logits.Select((value, v) => scale * (Math.Exp(value) / sum - (v == target ? 1 : 0)))], gradient, scale);
        Assert.Equal(0, gradient.Sum(value => (double)value), 1e-6);
    }

    [Fact]
    public void Without_a_gradient_the_logits_stay_and_the_loss_is_the_same()
    {
        float[] logits = [0.5f, -1, 3, 2.25f, 0];
        (float loss, float[] after) = Score(logits, 1, 0);
        Assert.Equal(logits, after);
        Assert.Equal(Score(logits, 1, 1).Loss, loss);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    public void A_logit_that_is_none_makes_a_loss_that_is_none(int position)
    {
        float[] logits = new float[21];
        logits[position] = float.NaN;
        Assert.True(float.IsNaN(Score(logits, 1, 0).Loss));
    }

    // A probability near 1 is rounded to 6e-8 before the 1 is taken from it.
    private static void AssertGradient(double[] expected, float[] actual, double scale)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int v = 0; v < expected.Length; v++)
            Assert.Equal(expected[v], actual[v], 4e-7 * scale);
    }

    private static (float Loss, float[] Result) Score(float[] logits, int target, float scale)
    {
        var owned = new List<IDisposable>();
        Matrix matrix = Matrix.Allocate(1, logits.Length, owned);
        matrix.Storage.Fill(SoftmaxCrossEntropy.Padding);
        logits.CopyTo(matrix.RowSpan(0));
        float[] losses = new float[1];
        SoftmaxCrossEntropy.Rows(matrix, [target], losses, scale);
        float[] result = matrix.RowSpan(0).ToArray();
        owned.ForEach(item => item.Dispose());
        return (losses[0], result);
    }
}
