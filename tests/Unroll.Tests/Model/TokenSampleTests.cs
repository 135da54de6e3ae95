using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Who takes part in a sampled softmax.</summary>
public class TokenSampleTests
{
    private const int VocabularySize = 90, Positions = 15, Sample = 40;

    [Fact]
    public void Each_token_stands_for_as_many_as_its_chance_says()
    {
        (int[] inputs, int[] targets) = (Ids(1, VocabularySize), Ids(2, VocabularySize));
        int[] own = [.. inputs.Union(targets)];
        double[] met = new double[VocabularySize]; // how often, each time with the weight it stands for
        const int Windows = 4000;
        var sample = new TokenSample(VocabularySize, Sample, Positions);
        for (ulong update = 0; update < Windows; update++)
        {
            sample.Choose(inputs, targets, Random(update));
            int[] tokens = sample.Tokens.ToArray();
            Assert.Equal(own.Length + Sample, tokens.Length);
            Assert.Equal(tokens.Distinct().Order(), tokens);
            for (int i = 0; i < tokens.Length; i++)
            {
                Assert.Equal(i, sample.PlaceOf(tokens[i]));
                met[tokens[i]] += Math.Exp(sample.Corrections[i]);
            }
            Assert.Equal(VocabularySize - tokens.Length, Enumerable.Range(0, VocabularySize).Count(token => sample.PlaceOf(token) < 0));
        }
        for (int token = 0; token < VocabularySize; token++)
        {
            // The rarest stands for some two: its mean over the windows has a deviation of about √(2 / windows).
            Assert.Equal(1, met[token] / Windows, own.Contains(token) ? 1e-12 : 0.1);
        }
        Assert.Equal(VocabularySize, met.Sum() / Windows, 0.01 * VocabularySize);
    }

    /// <summary>Whoever is passed over, and whoever is drawn in a window: the same as by going over all tokens one by one.</summary>
    [Theory]
    [InlineData(5, 3)]
    [InlineData(90, 1)]
    [InlineData(90, 14)]
    [InlineData(90, 75)]
    [InlineData(90, 89)]
    [InlineData(7000, 128)]
    [InlineData(7000, 5000)]
    [InlineData(60_000, 400)]
    public void The_choice_is_that_of_going_over_all_tokens(int vocabularySize, int size)
    {
        var sample = new TokenSample(vocabularySize, size, Positions);
        for (ulong update = 0; update < 50; update++)
        {
            // Frequent tokens only, too: then those that are certain to be drawn stand among them.
            int most = update % 2 == 0 ? vocabularySize : Math.Min(vocabularySize, 30);
            (int[] inputs, int[] targets) = (Ids(2 * update, most), Ids(2 * update + 1, most));
            sample.Choose(inputs, targets, Random(update));
            (int Token, double Correction)[] expected = [.. Naive(vocabularySize, size, [.. inputs, .. targets], Random(update).Uniform(0))];
            Assert.Equal(expected.Select(one => one.Token), sample.Tokens.ToArray());
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i].Correction, sample.Corrections[i], 1e-5);
        }
    }

    private static IEnumerable<(int Token, double Correction)> Naive(int vocabularySize, int size, HashSet<int> own, double offset)
    {
        int[] others = [.. Enumerable.Range(0, vocabularySize).Where(token => !own.Contains(token))];
        int left = Math.Min(size, others.Length), next = 0;
        double sum = others.Sum(Weight), line = 0;
        List<(int, double)> chosen = [.. own.Select(token => (token, 0.0))];
        for (; left > 0 && left * Weight(others[next]) >= sum - 1e-9; next++)
        {
            chosen.Add((others[next], 0));
            (left, sum) = (left - 1, sum - Weight(others[next]));
        }
        for (; next < others.Length; next++)
        {
            double probability = left * Weight(others[next]) / sum;
            // A whole number and the offset lie within this token's piece of the line.
            if (Math.Ceiling(line - offset) + offset < line + probability)
                chosen.Add((others[next], -Math.Log(probability)));
            line += probability;
        }
        return chosen.OrderBy(one => one.Item1);

        static double Weight(int token) => 1 / Math.Sqrt(token + 16);
    }

    private static RandomStream Random(ulong update) => new(1, RandomPurpose.SoftmaxSample, update);

    private static int[] Ids(ulong index, int most)
    {
        var random = new RandomStream(5, RandomPurpose.Sampling, index);
        return [.. Enumerable.Range(0, Positions).Select(i => random.Below((ulong)i, most))];
    }
}
