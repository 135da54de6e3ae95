using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The weights a model starts from: their distribution, and that equal seeds give equal weights.</summary>
public class InitializerTests
{
    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Cifg)]
    public void Uniform_weights_and_biases_lie_evenly_within_one_over_root_H(CellKind cell)
    {
        LanguageModel model = Create(new() { Cell = cell, HiddenSize = 64, EmbeddingSize = 50, Layers = 2 });
        double bound = 1 / Math.Sqrt(64);
        foreach (ParameterTensor tensor in model.Parameters.Tensors.Where(tensor => tensor.Name != "embedding.weight"))
        {
            float[] values = model.Parameters.Slice(tensor).ToArray();
            Assert.All(values, value => Assert.InRange(value, -bound, bound));
            AssertDistribution(values, value => (value / bound + 1) / 2, tensor.Name);
        }
        AssertDistribution(model.Parameters["embedding.weight"].ToArray(), NormalDistribution, "embedding.weight");
    }

    [Fact]
    public void A_tied_embedding_has_the_decoder_s_distribution()
    {
        LanguageModel model = Create(new() { HiddenSize = 64, EmbeddingSize = 64, TieWeights = true });
        AssertDistribution(model.Parameters["embedding.weight"].ToArray(), value => (value * Math.Sqrt(64) + 1) / 2, "embedding.weight");
    }

    [Fact]
    public void Normal_weights_have_deviation_0_01_and_biases_are_zero()
    {
        LanguageModel model = Create(new() { Cell = CellKind.Rnn, HiddenSize = 100, Initialization = Initialization.Normal });
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
        {
            float[] values = model.Parameters.Slice(tensor).ToArray();
            if (tensor.IsVector)
                Assert.All(values, value => Assert.Equal(0, value));
            else
                AssertDistribution(values, value => NormalDistribution(value / 0.01), tensor.Name);
        }
    }

    [Theory]
    [InlineData(Initialization.Uniform)]
    [InlineData(Initialization.Normal)]
    public void Equal_seeds_give_equal_weights_and_others_others(Initialization initialization)
    {
        ModelOptions options = new() { HiddenSize = 20, EmbeddingSize = 5, Initialization = initialization };
        float[] Values(ulong seed) => Create(options, seed).Parameters.Values.ToArray();
        Assert.Equal(Values(1), Values(1));
        Assert.NotEqual(Values(1), Values(2));
        // No two numbers of a model may come from the same place of the random stream.
        float[] weights = [.. Values(1).Where(value => value != 0)];
        Assert.True(weights.Distinct().Count() > weights.Length * 0.99);
    }

    [Fact]
    public void Another_layer_leaves_the_first_layer_s_weights_as_they_are()
    {
        LanguageModel one = Create(new() { HiddenSize = 20, Layers = 1 }), two = Create(new() { HiddenSize = 20, Layers = 2 });
        foreach (string name in one.Parameters.Tensors.Select(tensor => tensor.Name).Where(name => name.EndsWith("l0", StringComparison.Ordinal)))
            Assert.Equal(one.Parameters[name].ToArray(), two.Parameters[name].ToArray());
    }

    [Theory]
    [InlineData(CellKind.Lstm, 1, Initialization.Uniform)]
    [InlineData(CellKind.Cifg, 0, Initialization.Uniform)]
    [InlineData(CellKind.Cifg, 0, Initialization.Normal)]
    [InlineData(CellKind.Gru, null, Initialization.Uniform)]
    public void A_forget_bias_is_added_to_one_gate_s_bias_and_to_nothing_else(CellKind cell, int? gate, Initialization initialization)
    {
        ModelOptions options = new() { Cell = cell, HiddenSize = 20, Layers = 2, EmbeddingSize = 5, Initialization = initialization };
        Parameters plain = Create(options).Parameters, shifted = Create(options with { ForgetBias = -1.5 }).Parameters;
        foreach (ParameterTensor tensor in plain.Tensors)
        {
            float[] expected = plain.Slice(tensor).ToArray();
            for (int unit = 0; gate is { } forget && tensor.Name.StartsWith("rnn.bias_ih", StringComparison.Ordinal) && unit < 20; unit++)
                expected[forget * 20 + unit] += -1.5f;
            Assert.Equal(expected, shifted.Slice(tensor).ToArray());
        }
    }

    private static LanguageModel Create(ModelOptions options, ulong seed = 1) => LanguageModel.Create(ModelCase.VocabularyOf(28), options, seed);

    /// <summary>Kolmogorov and Smirnov's test; the seed is fixed, so it passes always or never. 1.95/√n would fail one in a thousand.</summary>
    private static void AssertDistribution(float[] values, Func<double, double> distribution, string what)
    {
        Array.Sort(values);
        double distance = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double p = distribution(values[i]);
            distance = Math.Max(distance, Math.Max(p - (double)i / values.Length, (i + 1.0) / values.Length - p));
        }
        Assert.True(distance < 1.95 / Math.Sqrt(values.Length), $"{what}: {values.Length} values, distance {distance}.");
    }

    /// <summary>The normal distribution function by Simpson's rule on its density.</summary>
    private static double NormalDistribution(double x)
    {
        const int halves = 100;
        double end = Math.Min(Math.Abs(x), 8), step = end / (2 * halves), sum = 0;
        for (int i = 0; i <= 2 * halves; i++)
            sum += (i == 0 || i == 2 * halves ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * (i * step) * (i * step));
        double area = sum * step / 3 / Math.Sqrt(2 * Math.PI);
        return x < 0 ? 0.5 - area : 0.5 + area;
    }
}
