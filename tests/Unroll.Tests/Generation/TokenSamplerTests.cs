using CsCheck;
using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

public class TokenSamplerTests
{
    private static readonly double[] Probabilities = [0.4, 0.05, 0.25, 0.1, 0.2]; // of the ids 1 to 5

    [Fact]
    public void GreedyTakesTheLikeliestAndOfEqualsTheLowestIdButNeverTheUnknownToken()
    {
        Assert.Equal(3, Greedy(9, 1, 2, 3, 1));
        Assert.Equal(2, Greedy(9, 1, 3, 2, 3));
        Assert.Equal(1, Greedy(9, -5, -5, -5));
        Assert.Equal(0, Greedy(9));
        Assert.Equal(2, Greedy(0, float.NaN, -3, float.NaN));
        Assert.Equal(2, Greedy(0, 1, float.PositiveInfinity, 3));
        Assert.Equal(1, Greedy(0, 0f, -0f));

        static int Greedy(params float[] logits) => new TokenSampler(new GenerationOptions(), logits.Length).Next(logits, 0);
    }

    [Theory]
    [InlineData(1, 0, 1, 0)]
    [InlineData(2, 0, 1, 0)]
    [InlineData(0.5, 0, 1, 0)]
    [InlineData(1, 3, 1, 0)]
    [InlineData(1, 99, 1, 0)]
    [InlineData(1, 0, 0.6, 0)]
    [InlineData(1, 0, 0.7, 0)]
    [InlineData(0.7, 0, 0.85, 0)]
    [InlineData(1.3, 4, 0.8, 0)]
    [InlineData(1, 0, 1, 0.3)]
    [InlineData(2, 0, 1, 0.6)]
    [InlineData(1, 0, 1, 1)]
    [InlineData(1, 4, 0.8, 0.3)]
    [InlineData(1, 2, 1, 0.3)]
    public void DrawsFromTheDistributionThatTheOptionsMake(double temperature, int topK, double topP, double minP)
    {
        var options = new GenerationOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = 11 };
        double[] expected = Distribution(options);
        const int Draws = 20_000;
        int[] counts = new int[Probabilities.Length + 1];
        var sampler = new TokenSampler(options, counts.Length);
        for (int position = 0; position < Draws; position++)
            counts[sampler.Next(Logits(), position)]++;

        Assert.Equal(0, counts[0]);
        double chiSquare = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double mean = expected[i] * Draws;
            if (mean == 0)
                Assert.Equal(0, counts[i + 1]);
            else
                chiSquare += (counts[i + 1] - mean) * (counts[i + 1] - mean) / mean;
        }
        Assert.InRange(chiSquare, 0, 18.5); // four degrees of freedom: one in a thousand is larger, and the seed is fixed
    }

    [Fact]
    public void TopPKeepsTheFewestTokensThatReachIt()
    {
        Assert.Equal([1], Drawn(new() { TopP = 0.39 }));
        Assert.Equal([1], Drawn(new() { TopP = 1e-9 }));
        Assert.Equal([1, 3], Drawn(new() { TopP = 0.41 }));
        Assert.Equal([1, 3, 5], Drawn(new() { TopP = 0.8 }));
        Assert.Equal([1, 3, 4, 5], Drawn(new() { TopP = 0.94 }));
        Assert.Equal([1, 2, 3, 4, 5], Drawn(new() { TopP = 0.96 }));
        Assert.Equal([1, 3], Drawn(new() { TopK = 3, TopP = 0.7 })); // 0.65 of the 0.85 that top-k leaves
    }

    [Fact]
    public void TopKKeepsTheLowestIdsOfEqualTokens()
    {
        float[] logits = [0, 1, 2, 1, 1, 2];
        var sampler = new TokenSampler(new GenerationOptions { Temperature = 1, TopK = 3 }, logits.Length);
        Assert.Equal([1, 2, 5], Enumerable.Range(0, 500).Select(i => sampler.Next(logits, i)).Distinct().Order());
    }

    [Fact]
    public void TheShortlistIsWhatSortingWouldGive()
    {
        Gen.Select(Gen.Float[-8, 8].Array[2, 300], Gen.Int[1, 40], Gen.Double[0.01, 1], Gen.ULong[0, 50]).Sample((logits, k, p, position) =>
        {
            var options = new GenerationOptions { Temperature = 1, TopK = k, TopP = p };
            int drawn = new TokenSampler(options, logits.Length).Next(logits, (long)position);
            int[] order = [.. Enumerable.Range(1, logits.Length - 1).OrderByDescending(id => logits[id]).Take(k)];
            double total = order.Sum(id => Math.Exp(logits[id]));
            double sum = 0;
            int[] kept = [.. order.TakeWhile(id => (sum += Math.Exp(logits[id])) - Math.Exp(logits[id]) < p * total * (1 + 1e-9))];
            Assert.Contains(drawn, kept);
        });
    }

    [Fact]
    public void DrawsDependOnSeedSampleAndPositionOnly()
    {
        var options = new GenerationOptions { Temperature = 1, Seed = 3, Sample = 4 };
        int[] one = Sequence(options), again = Sequence(options);
        Assert.Equal(one, again);
        Assert.NotEqual(one, Sequence(options with { Seed = 4 }));
        Assert.NotEqual(one, Sequence(options with { Sample = 5 }));
        Assert.Equal(one[7], new TokenSampler(options, Probabilities.Length + 1).Next(Logits(), 7));

        static int[] Sequence(GenerationOptions options)
        {
            var sampler = new TokenSampler(options, Probabilities.Length + 1);
            return [.. Enumerable.Range(0, 50).Select(i => sampler.Next(Logits(), i))];
        }
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1e-300)]
    public void ALowTemperatureIsGreedyInTheLimit(double temperature)
    {
        var sampler = new TokenSampler(new GenerationOptions { Temperature = temperature }, Probabilities.Length + 1);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(1, sampler.Next(Logits(), i)));
    }

    [Fact]
    public void LogitsThatAreNoNumbersAreNeverDrawn()
    {
        float[] logits = [0, float.NaN, 1, float.NegativeInfinity, 0];
        foreach (GenerationOptions options in (GenerationOptions[])[new() { Temperature = 1 }, new() { Temperature = 1, TopK = 3 }, new() { Temperature = 1, TopP = 0.99 }, new() { Temperature = 1, MinP = 0.01 }])
        {
            var sampler = new TokenSampler(options, logits.Length);
            Assert.Equal([2, 4], Enumerable.Range(0, 200).Select(i => sampler.Next(logits, i)).Distinct().Order());
        }
    }

    private static float[] Logits() => [5, .. Probabilities.Select(p => (float)Math.Log(p) + 3)];

    private static int[] Drawn(GenerationOptions options)
    {
        var sampler = new TokenSampler(options with { Temperature = 1 }, Probabilities.Length + 1);
        return [.. Enumerable.Range(0, 2000).Select(i => sampler.Next(Logits(), i)).Distinct().Order()];
    }

    private static double[] Distribution(GenerationOptions options)
    {
        double[] p = Normalised(Probabilities.Select(x => Math.Pow(x, 1 / options.Temperature)));
        if (options.TopK > 0)
            p = Normalised(Keep(p, (rank, _) => rank < options.TopK));
        if (options.MinP > 0)
            p = Normalised(p.Select(x => x >= options.MinP * p.Max() ? x : 0));
        return Normalised(Keep(p, (_, before) => before < options.TopP));

        static double[] Normalised(IEnumerable<double> values) => [.. values.Select(value => value / values.Sum())];

        static double[] Keep(double[] p, Func<int, double, bool> keep)
        {
            double[] kept = new double[p.Length];
            double before = 0;
            foreach ((int id, int rank) in Enumerable.Range(0, p.Length).OrderByDescending(id => p[id]).Select((id, rank) => (id, rank)))
            {
                kept[id] = keep(rank, before) ? p[id] : 0;
                before += p[id];
            }
            return kept;
        }
    }
}
