using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Reading along, and the distributions of every position.</summary>
public class AdaptivePredictorTests
{
    private const int Piece = 32;

    public static TheoryData<string> Kinds => ["lstm", "gru, 2 layers, embedding", "lstm, n-grams in and out"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_piece_is_scored_before_it_is_learnt_from(string name)
    {
        ModelCase kind = ModelCase.Find(name) with { Batch = 1 };
        (int[] inputs, int[] targets) = (kind.Ids(1, 2 * Piece), kind.Ids(2, 2 * Piece));
        float[] losses = new float[inputs.Length];
        using Predictor reading = Reading(kind.Model());
        reading.Evaluate(1, inputs, targets, losses);

        // The same by hand in double precision: gradient, Adam without a first moment, and for the tables Adagrad row by row.
        Dictionary<string, double[]> parameters = kind.RandomParameters();
        ReferenceModel reference = kind.Reference(parameters);
        ReferenceResult first = reference.Run(inputs[..Piece], targets[..Piece], 1);
        Close.Equal(first.Losses, losses.AsSpan(0, Piece), Close.SinglePrecision, "losses of the first piece");
        double norm = Math.Sqrt(first.Gradients.Where(pair => !IsTable(pair.Key)).Sum(pair => pair.Value.Sum(g => g * g)));
        double scale = norm > 1 ? 1 / norm : 1;
        foreach ((string tensor, double[] values) in parameters)
        {
            double[] gradient = [.. first.Gradients[tensor].Select(g => g * scale)];
            if (!IsTable(tensor))
            {
                for (int i = 0; i < values.Length; i++)
                    values[i] -= gradient[i] == 0 ? 0 : 0.002 * gradient[i] / (Math.Sqrt(0.001 * gradient[i] * gradient[i]) / Math.Sqrt(1 - 0.999) + 1e-8);
                continue;
            }
            int columns = tensor == "decoder.ngrams" ? kind.VocabularySize : kind.Options.EmbeddingSize;
            double[] means = [.. Enumerable.Range(0, values.Length / columns).Select(row => gradient[(row * columns)..((row + 1) * columns)].Average(g => g * g))];
            // A row that was touched for the first time is slowed by what touched rows have on average.
            double prior = means.Where(mean => mean > 0).Average();
            for (int i = 0; i < values.Length; i++)
                values[i] -= 0.05 * gradient[i] / Math.Sqrt(means[i / columns] + prior + 1e-12);
        }
        double[] second = reference.Run(inputs[Piece..], targets[Piece..], 1, first.State, differentiate: false).Losses;
        float[] unlearnt = new float[inputs.Length];
        using (var still = Predictor.For(kind.Model(), new EngineOptions { Rows = 1, Steps = inputs.Length, Threads = 1 }))
            still.Evaluate(1, inputs, targets, unlearnt);
        double effect = second.Zip(unlearnt[Piece..], (a, b) => Math.Abs(a - b)).Max();
        Assert.True(effect > 2e-3, $"Learning must show for the comparison to say anything: {effect}");
        // A derivative that is all rounding still moves its parameter by a whole step.
        Assert.True(second.Zip(losses[Piece..], (a, b) => Math.Abs(a - b)).Max() < 0.05 * effect);

        static bool IsTable(string tensor) => tensor.EndsWith(".ngrams", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_comes_again_is_expected_and_the_model_stays_as_it_is(string name)
    {
        ModelCase kind = ModelCase.Find(name) with { Batch = 1 };
        LanguageModel model = kind.Model();
        float[] before = model.Parameters.Values.ToArray();
        int[] text = [.. Enumerable.Range(0, 1601).Select(i => i * i % 11 % kind.VocabularySize)];
        float[] losses = new float[1600];
        using Predictor reading = Reading(model);
        reading.Evaluate(1, text.AsSpan(0, 1600), text.AsSpan(1, 1600), losses);

        Assert.True(losses[1200..].Average() < 0.95 * losses[..Piece].Average(), $"{losses[..Piece].Average()} became {losses[1200..].Average()}");
        Assert.Equal(before, model.Parameters.Values.ToArray());

        float[] again = new float[1600];
        reading.ParametersChanged();
        reading.ResetState();
        reading.Evaluate(1, text.AsSpan(0, 1600), text.AsSpan(1, 1600), again);
        Assert.Equal(losses, again);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public void Distributions_hold_the_losses_to_the_bit(bool readsAlong, int members)
    {
        ModelCase kind = ModelCase.Find("lstm, n-grams in and out") with { Batch = readsAlong ? 1 : 3, Steps = 70 };
        int vocabulary = kind.VocabularySize;
        LanguageModel model = LanguageModel.Average([.. Enumerable.Range(0, members).Select(member => (kind with { Scale = 0.5 + 0.1 * member }).Model())]);
        (int[] inputs, int[] targets) = (kind.Ids(1), kind.Ids(2));
        float[] losses = new float[inputs.Length], distributions = new float[inputs.Length * vocabulary];
        var options = new EngineOptions { Rows = kind.Batch, Steps = kind.Steps, Threads = 3, ReadsAlong = readsAlong };
        using (var predictor = Predictor.For(model, options))
            predictor.Evaluate(kind.Batch, inputs, targets, losses);
        using (var predictor = Predictor.For(model, options))
            predictor.Distributions(kind.Batch, inputs, targets, distributions);

        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(losses[i], -distributions[i * vocabulary + targets[i]]);
            Assert.Equal(1, distributions.AsSpan(i * vocabulary, vocabulary).ToArray().Sum(value => Math.Exp(value)), 1e-5);
        }
    }

    [Theory]
    [InlineData("lstm, n-grams in and out", 1, false)]
    [InlineData("lstm, n-grams in and out", 3, false)]
    [InlineData("cifg, documents", 1, false)]
    [InlineData("cifg, adaptive softmax, embedding", 1, false)]
    [InlineData("lstm", 1, true)]
    [InlineData("lstm", 2, true)]
    public void Token_by_token_it_learns_what_it_learns_in_windows(string name, int members, bool hasMemory)
    {
        ModelCase kind = ModelCase.Find(name) with { Batch = 1 };
        LanguageModel model = hasMemory ? MemoryPredictorTests.Model(members)
            : LanguageModel.Average([.. Enumerable.Range(0, members).Select(member => (kind with { Scale = 0.5 + 0.1 * member }).Model())]);
        int count = 6 * Piece, vocabulary = model.Vocabulary.Count;
        int[] text = [.. Enumerable.Range(0, count + 1).Select(i => i * i % 11 % vocabulary)];
        float[] expected = new float[count * vocabulary], still = new float[count * vocabulary], actual = new float[vocabulary];
        using Predictor windows = Reading(model), steps = Reading(model);
        windows.Distributions(1, text.AsSpan(0, count), text.AsSpan(1), expected);
        using (var predictor = Predictor.For(model, new EngineOptions { Rows = 1, Steps = count, Threads = 1 }))
            predictor.Distributions(1, text.AsSpan(0, count), text.AsSpan(1), still);
        Assert.NotEqual(still, expected);

        foreach (int time in (int[])[1, 2])
        {
            for (int t = 0; t < count; t++)
            {
                steps.LogProbabilities(steps.Step(text.AsSpan(t, 1)), 0, actual);
                Assert.Equal(expected[(t * vocabulary)..((t + 1) * vocabulary)], actual);
            }
            steps.Step(text.AsSpan(0, Piece / 2)[..1]); // of another text, which is then given up
            steps.ResetState();
            steps.ParametersChanged();
        }
    }

    private static Predictor Reading(LanguageModel model) =>
        Predictor.For(model, new EngineOptions { Rows = 1, Steps = 2000, Threads = 1, ReadsAlong = true });
}
