using Unroll.Counts;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Networks and a memory of counts predict together: the blend by hand, states that branch, rows and threads, reading
/// along.</summary>
public class MemoryPredictorTests
{
    private const int V = 9, B = 3, T = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void It_predicts_the_product_of_powers_of_both(int networks)
    {
        LanguageModel model = Model(networks);
        (int[] inputs, int[] targets) = (Ids(1, T * B), Ids(2, T * B));
        float[] actual = new float[T * B * V], alone = new float[T * B * V], said = new float[V];
        using (Predictor predictor = Make(model))
            predictor.Distributions(B, inputs, targets, actual);
        using (Predictor predictor = Make(model.WithoutMemory()))
            predictor.Distributions(B, inputs, targets, alone);
        float[] weights = model.Memory!.Mixture.ToArray();
        var confidences = new HashSet<int>();
        for (int b = 0; b < B; b++)
        {
            CountReader reader = model.Memory.NewReader();
            for (int t = 0; t < T; t++)
            {
                int place = (t * B + b) * V;
                reader.Feed(inputs[t * B + b]);
                reader.LogProbabilities(said);
                confidences.Add(reader.Confidence);
                double a = weights[2 * reader.Confidence] + weights[^2], m = weights[2 * reader.Confidence + 1] + weights[^1];
                double[] powers = [.. Enumerable.Range(0, V).Select(v => Math.Exp(a * alone[place + v] + m * said[v]))];
                for (int v = 0; v < V; v++)
                    Assert.Equal(Math.Log(powers[v] / powers.Sum()), actual[place + v], 1e-5);
            }
        }
        Assert.True(confidences.Count > 2, "contexts must be known to different lengths for the weights to tell");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Whoever_asks_in_whatever_way_gets_the_same_bits(int networks)
    {
        LanguageModel model = Model(networks);
        (int[] inputs, int[] targets) = (Ids(1, T * B), Ids(2, T * B));
        float[] losses = new float[T * B], distributions = new float[T * B * V], first = new float[V];
        using Predictor scorer = Make(model), distributor = Make(model), stepper = Make(model), feeder = Make(model);
        scorer.Evaluate(B, inputs, targets, losses);
        distributor.Distributions(B, inputs, targets, distributions);
        for (int t = 0; t < T; t++)
        {
            ReadOnlySpan<float> expected = distributions.AsSpan(t * B * V, B * V);
            float[] logits = Rows(stepper.Step(inputs.AsSpan(t * B, B)), stepper);
            Assert.Equal(expected, logits);
            Assert.Equal(logits, Rows(stepper.Predict(B), stepper));
            stepper.Predict(first);
            Assert.Equal(logits[..V], first);
            feeder.Feed(B, inputs.AsSpan(t * B, B));
            Assert.Equal(logits, Rows(feeder.Predict(B), feeder));
            for (int b = 0; b < B; b++)
                Assert.Equal(losses[t * B + b], -expected[b * V + targets[t * B + b]]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Threads_change_no_bit_and_no_row_another(int networks)
    {
        LanguageModel model = Model(networks);
        (int[] inputs, int[] targets) = (Ids(1, T * B), Ids(2, T * B));
        float[] expected = [];
        foreach (int threads in (int[])[1, 2, 3])
        {
            float[] actual = new float[2 * T * B * V];
            using Predictor predictor = Make(model, threads: threads);
            predictor.Distributions(B, inputs, targets, actual.AsMemory(0, T * B * V));
            predictor.Feed(2, inputs.AsSpan(0, 2 * T));
            predictor.Distributions(B, targets, inputs, actual.AsMemory(T * B * V));
            if (threads == 1)
                expected = actual;
            Assert.Equal(expected, actual);
        }
        for (int b = 0; b < B; b++)
        {
            float[] alone = new float[T * V];
            using Predictor predictor = Make(model, rows: 1);
            predictor.Distributions(1, Column(inputs, b), Column(targets, b), alone);
            for (int t = 0; t < T; t++)
                Assert.Equal(expected.AsSpan((t * B + b) * V, V), alone.AsSpan(t * V, V));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 5)]
    [InlineData(1, 48)]
    [InlineData(3, 49)]
    [InlineData(3, 1000)]
    public void A_state_goes_on_to_the_bit_in_any_row_of_any_predictor(int networks, int before)
    {
        LanguageModel model = Model(networks);
        (int[] inputs, int[] targets) = (Ids(1, T), Ids(2, T));
        var state = new RecurrentState(model, batch: 2);
        float[] expected = new float[T * V], again = new float[T * V], elsewhere = new float[T * 2 * V];
        using Predictor predictor = Make(model, rows: 1), other = Make(model, rows: 2);
        Feed(predictor, Ids(3, before));
        predictor.GetState(0, state, stateRow: 1);
        RecurrentState kept = state.Clone();
        predictor.Distributions(1, inputs, targets, expected);

        // The same place once more, after another way was gone from it.
        predictor.SetState(0, kept, stateRow: 1);
        float[] predicted = Rows(predictor.Predict(1), predictor);
        Feed(predictor, Ids(4, 60));
        predictor.SetState(0, kept, stateRow: 1);
        Assert.Equal(predicted, Rows(predictor.Predict(1), predictor));
        predictor.Distributions(1, inputs, targets, again);
        Assert.Equal(expected, again);

        // And beside another text.
        other.Feed(2, Ids(5, 2 * 30));
        other.SetState(1, kept, stateRow: 1);
        int[] beside = Ids(6, 2 * T), wanted = new int[2 * T];
        for (int t = 0; t < T; t++)
            (beside[2 * t + 1], wanted[2 * t + 1]) = (inputs[t], targets[t]);
        other.Distributions(2, beside, wanted, elsewhere);
        for (int t = 0; t < T; t++)
            Assert.Equal(expected.AsSpan(t * V, V), elsewhere.AsSpan((2 * t + 1) * V, V));
    }

    [Fact]
    public void A_row_that_is_reset_knows_nothing_of_what_was_before()
    {
        LanguageModel model = Model(1);
        using Predictor predictor = Make(model), fresh = Make(model);
        float[] beginning = Rows(fresh.Predict(B), fresh);
        predictor.Feed(B, Ids(1, B * 60));
        float[] behind = Rows(predictor.Predict(B), predictor);
        Assert.NotEqual(beginning, behind);
        predictor.ResetState(1);
        Assert.Equal([.. behind[..V], .. beginning[V..(2 * V)], .. behind[(2 * V)..]], Rows(predictor.Predict(B), predictor));
        predictor.ResetState();
        Assert.Equal(beginning, Rows(predictor.Predict(B), predictor));
        var state = new RecurrentState(model);
        predictor.Feed(B, Ids(1, B * 60));
        predictor.GetState(2, state);
        state.Clear();
        predictor.SetState(0, state);
        Assert.Equal(beginning[..V], Rows(predictor.Predict(1), predictor));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_state_without_what_was_read_is_refused_and_nothing_is_changed(int networks)
    {
        LanguageModel model = Model(networks);
        using Predictor predictor = Make(model);
        predictor.Feed(B, Ids(1, B * 10));
        float[] before = Rows(predictor.Predict(B), predictor);
        var foreign = new RecurrentState(model.WithoutMemory(), B);
        Assert.Throws<ArgumentException>("state", () => predictor.SetState(foreign));
        Assert.Throws<ArgumentException>("state", () => predictor.GetState(foreign));
        Assert.Equal(before, Rows(predictor.Predict(B), predictor));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Reading_along_it_learns_for_itself_alone(int networks)
    {
        LanguageModel model = Model(networks);
        int[] text = [.. Enumerable.Range(0, 1601).Select(i => i * i % 11 % V)];
        using Predictor still = Make(model, rows: 1);
        float[] before = Rows(still.Predict(1), still), unlearnt = Losses(still, text);
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            using Predictor reading = Reading(model, threads);
            float[] losses = Losses(reading, text);
            Assert.Equal(first ??= losses, losses);
        }
        Assert.True(first![1200..].Average() < 0.7 * unlearnt[1200..].Average(), $"{first[1200..].Average()} is not far below {unlearnt[1200..].Average()}.");
        Assert.True(first[1200..].Average() < 0.7 * first[..200].Average(), $"{first[..200].Average()} became {first[1200..].Average()}.");
        still.ResetState();
        Assert.Equal(before, Rows(still.Predict(1), still));
        Assert.Equal(unlearnt, Losses(still, text));
    }

    [Fact]
    public void Reading_along_scores_what_comes_before_it_learns_from_it()
    {
        // Until the networks' first piece is full only the memory learns: by hand, a token is predicted, learned from, and read.
        const int count = 31;
        LanguageModel model = Model(1);
        (int[] inputs, int[] targets) = (Ids(1, count), Ids(2, count));
        targets[..^1].CopyTo(inputs, 1);
        float[] actual = new float[count * V], alone = new float[count * V], said = new float[V], mixed = new float[V];
        using (Predictor reading = Reading(model))
            reading.Distributions(1, inputs, targets, actual);
        using (Predictor predictor = Make(model.WithoutMemory(), rows: 1))
            predictor.Distributions(1, inputs, targets, alone);
        CountReader reader = model.Memory!.NewReader(adapt: true);
        var blend = new CountBlend(V, model.Memory.Mixture);
        for (int t = 0; t < count; t++)
        {
            reader.Feed(inputs[t]);
            reader.LogProbabilities(said);
            blend.Mix(alone.AsSpan(t * V, V), said, reader.Confidence, mixed);
            for (int v = 0; v < V; v++)
                Assert.Equal(mixed[v], actual[t * V + v], 1e-5);
            blend.Learn(alone.AsSpan(t * V, V), said, reader.Confidence, targets[t], 0.004f);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_was_learned_from_one_text_can_be_forgotten_before_the_next(int networks)
    {
        int[] text = [.. Enumerable.Range(0, 401).Select(i => i * i % 11 % V)];
        using Predictor reading = Reading(Model(networks));
        float[] losses = Losses(reading, text);
        Assert.NotEqual(losses, Losses(reading, text));
        reading.ParametersChanged();
        reading.ResetState();
        Assert.Equal(losses, Losses(reading, text));
    }

    internal static LanguageModel Model(int networks)
    {
        LanguageModel model = LanguageModel.Create(ModelCase.VocabularyOf(V), new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 6 }, seed: 7, networks);
        foreach (LanguageModel network in model.Members)
            foreach (ref float value in network.Parameters.Values)
                value *= 3;
        float[] mixture = [.. Enumerable.Range(0, CountBlend.Length).Select(i => 0.1f + 0.05f * (i % 7))];
        model.Memory = CountMemory.Count([.. Ids(8, 300), .. Enumerable.Range(0, 100).Select(i => i * i % 7)], model.Vocabulary).With(new CountBlend(V, mixture));
        return model;
    }

    private static Predictor Make(LanguageModel model, int rows = B, int threads = 2) =>
        Predictor.For(model, new EngineOptions { Rows = rows, Steps = T, Threads = threads });

    private static Predictor Reading(LanguageModel model, int threads = 1) =>
        Predictor.For(model, new EngineOptions { Rows = 1, Steps = 1600, Threads = threads, ReadsAlong = true });

    private static float[] Losses(Predictor predictor, int[] text)
    {
        float[] losses = new float[text.Length - 1];
        for (int i = 0; i < losses.Length; i += T)
        {
            int length = Math.Min(T, losses.Length - i);
            predictor.Evaluate(1, text.AsSpan(i, length), text.AsSpan(i + 1, length), losses.AsSpan(i, length));
        }
        return losses;
    }

    private static void Feed(Predictor predictor, int[] text)
    {
        for (int i = 0; i < text.Length; i += T)
            predictor.Feed(1, text.AsSpan(i, Math.Min(T, text.Length - i)));
    }

    // [b, V] without what lies between the rows.
    private static float[] Rows(ReadOnlySpan<float> logits, Predictor predictor)
    {
        var rows = new List<float>();
        for (int start = 0; start + V <= logits.Length; start += predictor.LogitsStride)
            rows.AddRange(logits.Slice(start, V));
        return [.. rows];
    }

    private static int[] Column(int[] ids, int row) => [.. Enumerable.Range(0, T).Select(t => ids[t * B + row])];

    private static int[] Ids(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(V))];
    }
}
