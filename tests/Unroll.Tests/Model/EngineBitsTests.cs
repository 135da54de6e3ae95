using CsCheck;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>One sequence gives the same bits in one window, in pieces, token by token, alone, among other rows, and with
/// any number of threads.</summary>
public class EngineBitsTests
{
    private static readonly Gen<ModelOptions> AnyOptions =
        from cell in Gen.Enum<CellKind>()
        from hidden in Gen.OneOf(1, 2, 5, 8, 15, 16, 17, 31, 33, 48, 100)
        from layers in Gen.Int[1, 3]
        from embedding in Gen.OneOf(0, 0, 1, 7, 16, 33)
        from tie in Gen.Bool
        from relu in Gen.Bool
        from before in Gen.Bool
        from single in Gen.Bool
        select new ModelOptions
        {
            Cell = cell,
            HiddenSize = hidden,
            Layers = layers,
            EmbeddingSize = tie ? hidden : embedding,
            TieWeights = tie,
            Activation = relu ? Activation.Relu : Activation.Tanh,
            ResetGate = before ? ResetGate.Before : ResetGate.After,
            Biases = single && (cell != CellKind.Gru || before) ? Biases.One : Biases.Two,
        };

    private static readonly Gen<ThreadGrid> AnyGrid = Gen.OneOf(Engines.Grids);

    private static readonly Gen<ModelCase> AnyCase =
        from options in AnyOptions
        from vocabulary in Gen.OneOf(2, 3, 16, 27, 65, 100)
        from adaptive in Gen.Bool
        from batch in Gen.OneOf(1, 2, 3, 4, 7, 50)
        from steps in Gen.Int[1, 9]
        from documents in Gen.Bool
        select new ModelCase("any", adaptive && vocabulary > 32 && !options.TieWeights ? options with { AdaptiveSoftmax = 32 } : options, vocabulary, batch, steps, 2 / Math.Sqrt(options.HiddenSize)) { HasDocuments = documents };

    [Fact]
    public void Pieces_of_any_length_give_the_bits_of_the_whole() =>
        Gen.Select(AnyCase, Gen.Int[1, 9].Array[1, 9], AnyGrid, AnyGrid).Sample((kind, pieces, grid, otherGrid) =>
        {
            (int[] inputs, int[] targets, RecurrentState state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Engine);
            Trace whole = Run(kind, inputs, targets, state, [kind.Steps], grid);
            Same(whole, Run(kind, inputs, targets, state, pieces, otherGrid), kind);
            Same(whole, Run(kind, inputs, targets, state, [1], otherGrid), kind);
        }, iter: 30, threads: 1, print: Print);

    [Fact]
    public void A_row_alone_gives_the_bits_it_gives_among_others() =>
        Gen.Select(AnyCase, Gen.Int[0, 1000], AnyGrid).Sample((kind, pick, grid) =>
        {
            int row = pick % kind.Batch;
            (int[] inputs, int[] targets, RecurrentState state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Engine);
            Trace together = Run(kind, inputs, targets, state, [kind.Steps], grid);

            ModelCase single = kind with { Batch = 1 };
            var alone = new RecurrentState(kind.Options, 1);
            for (int layer = 0; layer < state.Layers; layer++)
            {
                state.Hidden(layer).Slice(row * state.HiddenSize, state.HiddenSize).CopyTo(alone.Hidden(layer));
                if (state.HasCell)
                    state.Cell(layer).Slice(row * state.HiddenSize, state.HiddenSize).CopyTo(alone.Cell(layer));
            }
            Trace trace = Run(single, Row(inputs), Row(targets), alone, [1], new ThreadGrid(1, 1), model: kind.Model());

            Assert.Equal(Bits(Row(together.Losses)), Bits(trace.Losses));
            Assert.Equal(Bits(Row(together.Logits)), Bits(trace.Logits));
            Assert.Equal(Bits([.. together.State.SelectMany(values => values[(row * state.HiddenSize)..((row + 1) * state.HiddenSize)])]),
                Bits([.. trace.State.SelectMany(values => values)]));

            T[] Row<T>(T[] values) // [T, B, n] → [T, n]
            {
                int n = values.Length / inputs.Length;
                return [.. Enumerable.Range(0, kind.Steps).SelectMany(t => values.Skip((t * kind.Batch + row) * n).Take(n))];
            }
        }, iter: 30, threads: 1, print: Print);

    [Fact]
    public void Feeding_advances_the_state_as_evaluating_does() =>
        Gen.Select(AnyCase, AnyGrid).Sample((kind, grid) =>
        {
            (int[] inputs, int[] targets, RecurrentState state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Engine);
            Trace evaluated = Run(kind, inputs, targets, state, [kind.Steps], grid);
            using CpuEngine engine = kind.Engine(training: false, grid);
            engine.SetState(state);
            engine.Feed(kind.Batch, inputs);
            Assert.Equal(Bits([.. evaluated.State.SelectMany(values => values)]), Bits([.. StateOf(kind, engine).SelectMany(values => values)]));
        }, iter: 20, threads: 1, print: Print);

    [Fact]
    public void Training_gives_the_same_bits_with_any_number_of_threads_and_shards_of_its_own() =>
        Gen.Select(AnyCase, Gen.Select(Gen.OneOf(0.0, 0.4), Gen.Enum<DropoutMask>(), Gen.OneOf(0.0, 0.3)), Gen.OneOf(1, 1, 2, 4, 8), Gen.Shuffle(Engines.Grids[1..])).Sample((kind, dropout, shards, grids) =>
        {
            kind = kind.WithDropout(dropout.Item1, dropout.Item2).WithStateDropout(kind.HasMemory ? dropout.Item3 : 0)
                .WithInputDropout(dropout.Item1 / 2, dropout.Item2).WithPenalties(dropout.Item3, dropout.Item1);
            shards = Math.Min(shards, 1 << int.Log2(kind.Batch));
            (double Loss, float[] Gradients, double Norm, float[] State) expected = Train(new ThreadGrid(1, 1));
            foreach (ThreadGrid grid in grids[..3])
            {
                (double Loss, float[] Gradients, double Norm, float[] State) actual = Train(grid);
                Assert.Equal(expected.Norm, actual.Norm);
                Assert.Equal(expected.Loss, actual.Loss);
                Assert.Equal(Bits(expected.Gradients), Bits(actual.Gradients));
                Assert.Equal(Bits(expected.State), Bits(actual.State));
            }

            (double, float[], double, float[]) Train(ThreadGrid grid)
            {
                using CpuEngine engine = kind.Engine(training: true, grid, shards);
                engine.SetState(kind.State(3).Engine);
                engine.Train(kind.Ids(1), kind.Ids(2), seed: 7, update: 1);
                double loss = engine.Train(kind.Ids(3), kind.Ids(4), seed: 7, update: 2);
                return (loss, (float[])engine.Gradients.Clone(), engine.GradientNorm, [.. StateOf(kind, engine).SelectMany(values => values)]);
            }
        }, iter: 20, threads: 1, print: Print);

    [Fact]
    public void Training_and_evaluating_compute_the_same_states_and_losses() =>
        AnyCase.Sample(kind =>
        {
            (int[] inputs, int[] targets, RecurrentState state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Engine);
            Trace evaluated = Run(kind, inputs, targets, state, [kind.Steps], new ThreadGrid(1, 1));
            using CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
            engine.SetState(state);
            double loss = engine.Train(inputs, targets, seed: 1, update: 1);

            Assert.Equal(evaluated.Losses.Average(value => (double)value), loss, 1e-6 * Math.Max(1, loss));
            Assert.Equal(Bits([.. evaluated.State.SelectMany(values => values)]), Bits([.. StateOf(kind, engine).SelectMany(values => values)]));
        }, iter: 20, threads: 1, print: Print);

    private sealed record Trace(float[] Losses, float[] Logits, float[][] State);

    /// <summary>Evaluates in pieces (their lengths are used in turn) and, in a engine of its own, step by step for the logits.</summary>
    private static Trace Run(ModelCase kind, int[] inputs, int[] targets, RecurrentState state, int[] pieces, ThreadGrid grid, LanguageModel? model = null)
    {
        model ??= kind.Model();
        float[] losses = new float[inputs.Length];
        using CpuEngine engine = Engines.Make(model, kind.Batch, Math.Min(kind.Steps, pieces.Max()), training: false, grid);
        engine.SetState(state);
        for (int start = 0, piece = 0; start < kind.Steps; piece++)
        {
            int length = Math.Min(pieces[piece % pieces.Length], kind.Steps - start);
            Range range = (start * kind.Batch)..((start + length) * kind.Batch);
            engine.Evaluate(kind.Batch, inputs.AsSpan(range), targets.AsSpan(range), losses.AsSpan(range));
            start += length;
        }

        var logits = new List<float>();
        using CpuEngine stepper = Engines.Make(model, kind.Batch, 1, training: false, grid);
        stepper.SetState(state);
        for (int step = 0; step < kind.Steps; step++)
        {
            ReadOnlySpan<float> rows = stepper.Step(inputs.AsSpan(step * kind.Batch, kind.Batch));
            for (int row = 0; row < kind.Batch; row++)
                logits.AddRange(rows.Slice(row * stepper.LogitsStride, kind.VocabularySize));
        }
        Assert.Equal(Bits([.. StateOf(kind, engine).SelectMany(values => values)]), Bits([.. StateOf(kind, stepper).SelectMany(values => values)]));
        return new Trace(losses, [.. logits], StateOf(kind, engine));
    }

    private static float[][] StateOf(ModelCase kind, CpuEngine engine)
    {
        var state = new RecurrentState(kind.Options, kind.Batch);
        engine.GetState(state);
        return [.. Enumerable.Range(0, state.Layers).Select(layer => state.Hidden(layer).ToArray()),
            .. Enumerable.Range(0, state.HasCell ? state.Layers : 0).Select(layer => state.Cell(layer).ToArray())];
    }

    private static void Same(Trace expected, Trace actual, ModelCase kind)
    {
        Assert.Equal(Bits(expected.Losses), Bits(actual.Losses));
        Assert.Equal(Bits(expected.Logits), Bits(actual.Logits));
        for (int i = 0; i < expected.State.Length; i++)
            Assert.True(Bits(expected.State[i]).SequenceEqual(Bits(actual.State[i])), $"{kind.Options}: the states differ.");
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private static string Print<T>(T value) => $"{value}";
}
