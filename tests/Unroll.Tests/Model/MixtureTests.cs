using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>A model of several networks predicts the mean of their probabilities.</summary>
public class MixtureTests
{
    private const int V = 11, B = 3, T = 4;

    private static readonly ModelOptions[] Shapes =
    [
        new() { Cell = CellKind.Lstm, HiddenSize = 5, Layers = 2 },
        new() { Cell = CellKind.Gru, HiddenSize = 17, EmbeddingSize = 3 },
        new() { Cell = CellKind.Rnn, HiddenSize = 8 },
    ];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Probabilities_are_the_mean_of_those_of_the_networks(int count)
    {
        LanguageModel mixture = Mixture(count);
        (int[] inputs, int[] targets) = (Ids(1), Ids(2));
        using Predictor predictor = Make(mixture);
        float[] losses = new float[T * B];
        predictor.Evaluate(B, inputs, targets, losses);

        double[] expected = new double[T * B];
        foreach (LanguageModel member in mixture.Members)
        {
            using CpuEngine alone = Engines.Make(member, B, T, training: false);
            for (int t = 0; t < T; t++)
            {
                float[] logits = alone.Step(inputs.AsSpan(t * B, B)).ToArray();
                for (int b = 0; b < B; b++)
                {
                    double[] exponentials = [.. logits.AsSpan(b * alone.LogitsStride, V).ToArray().Select(logit => Math.Exp(logit))];
                    expected[t * B + b] += exponentials[targets[t * B + b]] / exponentials.Sum() / count;
                }
            }
        }
        for (int i = 0; i < losses.Length; i++)
            Assert.Equal(-Math.Log(expected[i]), losses[i], 1e-6);
    }

    [Fact]
    public void A_step_predicts_what_evaluation_scores_to_the_bit()
    {
        LanguageModel mixture = Mixture(3);
        (int[] inputs, int[] targets) = (Ids(1), Ids(2));
        using Predictor scorer = Make(mixture), stepper = Make(mixture);
        float[] losses = new float[T * B];
        scorer.Evaluate(B, inputs, targets, losses);
        for (int t = 0; t < T; t++)
        {
            float[] logits = stepper.Step(inputs.AsSpan(t * B, B)).ToArray();
            for (int b = 0; b < B; b++)
                Assert.Equal(-losses[t * B + b], logits[b * stepper.LogitsStride + targets[t * B + b]]);
            Assert.Equal(logits, stepper.Predict(B).ToArray());
            float[] first = new float[V];
            stepper.Predict(first);
            Assert.Equal(logits[..V], first);
            Assert.Equal(1, first.Sum(value => Math.Exp(value)), 1e-6);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_change_no_bit(int count)
    {
        LanguageModel mixture = Mixture(count);
        (int[] inputs, int[] targets) = (Ids(1), Ids(2));
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 3, 4, 5, 6, 12])
        {
            using Predictor predictor = Make(mixture, threads);
            float[] results = new float[2 * T * B];
            predictor.Evaluate(B, inputs, targets, results);
            predictor.Feed(2, inputs.AsSpan(0, 2 * T));
            predictor.Evaluate(B, inputs, targets, results.AsSpan(T * B));
            results = [.. results, .. predictor.Step(inputs.AsSpan(0, B))];
            first ??= results;
            Assert.Equal(first, results);
        }
    }

    [Fact]
    public void A_state_holds_all_networks_and_branches()
    {
        LanguageModel mixture = Mixture(3);
        using Predictor predictor = Make(mixture);
        predictor.Feed(B, Ids(1));
        var state = new RecurrentState(mixture, B);
        predictor.GetState(state);
        Assert.Equal(Shapes.Select(shape => shape.HiddenSize), state.Members.Select(member => member.HiddenSize));
        Assert.Equal(Shapes[0].HiddenSize, state.HiddenSize);
        Assert.All(state.Members, member => Assert.True(member.Hidden(0).ContainsAnyExcept(0f)));
        RecurrentState kept = state.Clone();

        float[] once = predictor.Predict(B).ToArray();
        predictor.Feed(B, Ids(2));
        predictor.GetState(state);
        Assert.NotEqual(once, predictor.Predict(B).ToArray());
        predictor.SetState(kept);
        Assert.Equal(once, predictor.Predict(B).ToArray());

        state.Clear();
        Assert.All(state.Members, member => Assert.False(member.Hidden(0).ContainsAnyExcept(0f)));
        predictor.ResetState();
        float[] zero = predictor.Predict(B).ToArray();
        predictor.SetState(kept);
        predictor.SetState(state);
        Assert.Equal(zero, predictor.Predict(B).ToArray());
    }

    [Fact]
    public void A_state_of_other_networks_is_refused_and_nothing_is_changed()
    {
        LanguageModel mixture = Mixture(2), other = LanguageModel.Average(Network(0), Network(2));
        using Predictor predictor = Make(mixture), alone = Make(Network(0));
        predictor.Feed(B, Ids(1));
        float[] before = predictor.Predict(B).ToArray();
        foreach (RecurrentState state in (RecurrentState[])[new(Shapes[0], B), new(Mixture(3), B), new(other, B)])
            Assert.Throws<ArgumentException>("state", () => predictor.SetState(state));
        Assert.Equal(before, predictor.Predict(B).ToArray());
        Assert.Throws<ArgumentException>("state", () => alone.SetState(new RecurrentState(mixture, B)));
    }

    [Fact]
    public void An_average_is_of_different_models_of_one_vocabulary()
    {
        LanguageModel one = Network(0);
        Assert.Same(one, LanguageModel.Average(one));
        Assert.Equal([one], one.Members);
        LanguageModel three = LanguageModel.Average(LanguageModel.Average(one, Network(1)), Network(2));
        Assert.Equal(Shapes, three.Members.Select(member => member.Options));
        Assert.Same(one.Parameters, three.Parameters);
        Assert.Throws<ArgumentException>(() => LanguageModel.Average());
        Assert.Throws<ArgumentException>(() => LanguageModel.Average(one, one));
        LanguageModel foreign = LanguageModel.Create(ModelCase.VocabularyOf(V + 1), Shapes[0]);
        Assert.Contains("one vocabulary", Assert.Throws<UnrollException>(() => LanguageModel.Average(one, foreign)).Message);
        Assert.Throws<UnrollException>(() => LanguageModel.Average([.. Enumerable.Range(0, 65).Select(seed => Network(2, (ulong)seed))]));
        Assert.Throws<ArgumentException>(() => Engine.For(three, new EngineOptions { Rows = 1, Steps = 1 }));
    }

    [Fact]
    public void Networks_are_made_from_one_seed_after_another()
    {
        LanguageModel three = LanguageModel.Create(ModelCase.VocabularyOf(V), Shapes[0], seed: ulong.MaxValue - 1, members: 3);
        ulong[] seeds = [ulong.MaxValue - 1, ulong.MaxValue, 0];
        for (int i = 0; i < 3; i++)
            Assert.True(three.Members[i].Parameters.Values.SequenceEqual(LanguageModel.Create(three.Vocabulary, Shapes[0], seeds[i]).Parameters.Values));
    }

    private static LanguageModel Mixture(int count) => LanguageModel.Average([.. Enumerable.Range(0, count).Select(i => Network(i))]);

    private static LanguageModel Network(int shape, ulong seed = 7)
    {
        LanguageModel model = LanguageModel.Create(ModelCase.VocabularyOf(V), Shapes[shape], seed);
        foreach (ref float value in model.Parameters.Values)
            value *= 3;
        return model;
    }

    private static Predictor Make(LanguageModel model, int threads = 2) => Predictor.For(model, new EngineOptions { Rows = B, Steps = T, Threads = threads });

    private static int[] Ids(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, T * B).Select(_ => random.Next(V))];
    }
}
