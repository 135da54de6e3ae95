using Unroll.Counts;
using Xunit;

namespace Unroll.Tests.Counts;

/// <summary>A network's and a memory's predictions as one.</summary>
public class CountBlendTests
{
    private const int V = 5;

    [Fact]
    public void A_mixture_is_the_product_of_powers()
    {
        float[] weights = [.. Enumerable.Range(0, CountBlend.Length).Select(i => 0.1f * i)], mixed = new float[V];
        float[] network = Logs(1), memory = Logs(2);
        new CountBlend(V, weights).Mix(network, memory, confidence: 3, mixed);
        double a = weights[6] + weights[^2], b = weights[7] + weights[^1];
        double[] powers = [.. Enumerable.Range(0, V).Select(v => Math.Exp(a * network[v] + b * memory[v]))];
        for (int v = 0; v < V; v++)
            Assert.Equal(Math.Log(powers[v] / powers.Sum()), mixed[v], 1e-5);
    }

    [Fact]
    public void A_step_goes_down_the_slope()
    {
        // Adagrad's first step from a square of nothing is rate · g / √(g² + 0.01): that is g, found by nudging the weights.
        float[] network = Logs(3), memory = Logs(4);
        var blend = new CountBlend(V);
        float[] before = blend.Weights.ToArray();
        double loss = blend.Learn(network, memory, confidence: 2, token: 1, rate: 1e-3f);
        Assert.Equal(Loss(before), loss, 1e-5);
        for (int i = 0; i < CountBlend.Length; i++)
        {
            float[] up = [.. before], down = [.. before];
            (up[i], down[i]) = (up[i] + 1e-2f, down[i] - 1e-2f);
            double slope = (Loss(up) - Loss(down)) / 2e-2;
            Assert.Equal(before[i] - 1e-3 * slope / Math.Sqrt(slope * slope + 1e-2), blend.Weights[i], 1e-5);
        }

        double Loss(float[] weights)
        {
            float[] mixed = new float[V];
            new CountBlend(V, weights).Mix(network, memory, 2, mixed);
            return -mixed[1];
        }
    }

    [Fact]
    public void Who_knows_more_is_trusted_more()
    {
        // Where the confidence is even the memory is right, where it is odd the network.
        const int n = 3000;
        float[] network = new float[n * V], memory = new float[n * V];
        int[] confidences = new int[n], tokens = new int[n];
        for (int i = 0; i < n; i++)
        {
            (confidences[i], tokens[i]) = (i % 4, i * i % 7 % V);
            float[] right = [.. Enumerable.Range(0, V).Select(v => MathF.Log(v == tokens[i] ? 0.8f : 0.05f))];
            (i % 2 == 0 ? memory : network).AsSpan(i * V, V).Clear();
            right.CopyTo((i % 2 == 0 ? memory : network).AsSpan(i * V));
            Logs(i).CopyTo((i % 2 == 0 ? network : memory).AsSpan(i * V));
        }
        var blend = CountBlend.Fit(network, memory, confidences, tokens, V);
        for (int confidence = 0; confidence < 4; confidence++)
        {
            float a = blend.Weights[2 * confidence] + blend.Weights[^2], b = blend.Weights[2 * confidence + 1] + blend.Weights[^1];
            Assert.True(confidence % 2 == 0 ? b > a + 0.3 : a > b + 0.3, $"{confidence}: {a} {b}");
        }
    }

    [Fact]
    public void Weights_that_are_none_are_refused()
    {
        Assert.Throws<UnrollException>(() => new CountBlend(V, new float[3]));
        Assert.Throws<UnrollException>(() => new CountBlend(V, [.. Enumerable.Repeat(float.NaN, CountBlend.Length)]));
        Assert.Throws<UnrollException>(() => new CountBlend(V, [.. Enumerable.Repeat(11f, CountBlend.Length)]));
    }

    private static float[] Logs(int seed)
    {
        double[] powers = [.. Enumerable.Range(0, V).Select(v => 1 + (seed * 31 + v * 17) % 11)];
        return [.. powers.Select(power => (float)Math.Log(power / powers.Sum()))];
    }
}
