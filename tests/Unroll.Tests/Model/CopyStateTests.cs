using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>A row that goes on from where another is, whatever holds the states at that moment.</summary>
public class CopyStateTests
{
    private const int Rows = 5;

    public static TheoryData<string> Models => ["rnn", "gru", "lstm", "cifg", "n-grams", "networks", "memory", "networks and memory"];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_copied_state_is_one_that_was_taken_out_and_put_in(string kind)
    {
        LanguageModel model = Model(kind);
        foreach (int threads in (int[])[1, 3])
        {
            var options = new EngineOptions { Rows = Rows, Steps = 4, Threads = threads };
            using Predictor predictor = Predictor.For(model, options), other = Predictor.For(model, options);
            var state = new RecurrentState(model);
            var random = new Random(threads);
            for (int round = 0; round < 60; round++)
            {
                int[] ids = [.. Enumerable.Range(0, 4 * Rows).Select(_ => random.Next(model.Vocabulary.Count))];
                int rows = random.Next(1, Rows + 1);
                switch (random.Next(3))
                {
                    case 0:
                        predictor.Feed(rows, ids.AsSpan(0, 3 * rows));
                        other.Feed(rows, ids.AsSpan(0, 3 * rows));
                        break;
                    case 1:
                        Assert.Equal(other.Step(ids.AsSpan(0, rows)).ToArray(), predictor.Step(ids.AsSpan(0, rows)).ToArray());
                        break;
                    default:
                        Assert.Equal(other.Predict(rows).ToArray(), predictor.Predict(rows).ToArray());
                        break;
                }
                for (int copies = random.Next(3); copies > 0; copies--)
                {
                    (int from, int to) = (random.Next(Rows), random.Next(Rows));
                    predictor.CopyState(from, to);
                    other.GetState(from, state);
                    other.SetState(to, state);
                }
                if (round % 7 == 0)
                    Assert.Equal(other.Predict(Rows).ToArray(), predictor.Predict(Rows).ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_row_s_log_probabilities_are_those_that_evaluation_scores(string kind)
    {
        LanguageModel model = Model(kind);
        var options = new EngineOptions { Rows = Rows, Steps = 4, Threads = 2 };
        using Predictor predictor = Predictor.For(model, options), scorer = Predictor.For(model, options);
        int[] inputs = [3, 1, 2, 1, 4], targets = [1, 2, 3, 4, 1];
        float[] losses = new float[Rows], logProbabilities = new float[model.Vocabulary.Count];
        for (int step = 0; step < 3; step++)
        {
            scorer.Evaluate(Rows, inputs, targets, losses);
            ReadOnlySpan<float> logits = predictor.Step(inputs);
            for (int row = 0; row < Rows; row++)
            {
                predictor.LogProbabilities(logits, row, logProbabilities);
                Assert.Equal(-losses[row], logProbabilities[targets[row]]);
            }
        }
    }

    [Fact]
    public void A_disposed_one_says_so()
    {
        Predictor predictor = Predictor.For(Model("lstm"), new EngineOptions { Rows = 2, Steps = 1, Threads = 1 });
        predictor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.CopyState(0, 1));
    }

    /// <summary>A model of every make whose state matters.</summary>
    internal static LanguageModel Model(string kind)
    {
        if (kind.Contains("memory", StringComparison.Ordinal))
            return MemoryPredictorTests.Model(kind == "memory" ? 1 : 3);
        CellKind[] cells = kind switch
        {
            "networks" => [CellKind.Lstm, CellKind.Gru, CellKind.Rnn],
            "n-grams" => [CellKind.Gru],
            _ => [Enum.Parse<CellKind>(kind, ignoreCase: true)],
        };
        using Corpus corpus = Corpus.Load(TextSource.FromString("abcabdabeacbdacebdabcabdabeacb"));
        var model = LanguageModel.Average([.. cells.Select((cell, i) => LanguageModel.Create(
            corpus,
            new ModelOptions { Cell = cell, HiddenSize = 9, Layers = 2, OutputNgrams = kind == "n-grams" ? 3 : 0, NgramCount = 2 },
            seed: (ulong)i + 5))]);
        foreach (LanguageModel member in model.Members)
            foreach (ref float value in member.Parameters.Values)
                value *= 4;
        return model;
    }
}
