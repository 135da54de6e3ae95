using System.Runtime.CompilerServices;
using Unroll.Kernels;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Sizes, ids and states that fit, and those that do not.</summary>
public class EngineShapeTests
{
    [Fact]
    public void The_book_s_shapes()
    {
        // d2l 8.5: B = 2, T = 5, V = 28, H = 512 → outputs (10, 28), one state tensor (2, 512).
        var kind = new ModelCase("the book's", new() { Cell = CellKind.Rnn, HiddenSize = 512 }, VocabularySize: 28, Batch: 2, Steps: 5, Scale: 0.01);
        using CpuEngine engine = Engines.Make(kind.Model(), 2, 5, training: true, new ThreadGrid(1, 2));
        Assert.Equal((2, 5), (engine.Options.Rows, engine.Options.Steps));

        float[] losses = new float[10];
        engine.Evaluate(kind.Batch, kind.Ids(1), kind.Ids(2), losses);
        Assert.All(losses, loss => Assert.Equal(Math.Log(28), loss, 0.1));

        Assert.True(engine.LogitsStride >= 28);
        Assert.True(engine.Step([3, 4]).Length >= engine.LogitsStride + 28);
        var state = new RecurrentState(kind.Options, 2);
        engine.GetState(state);
        Assert.All(state.Hidden(0).ToArray(), value => Assert.NotEqual(0, value));
        Assert.Equal(kind.Model().Parameters.Count, engine.Gradients.Length);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_step_allocates_nothing(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.1);
        using CpuEngine engine = kind.Engine(training: true);
        (int[] inputs, int[] targets, float[] losses) = (kind.Ids(1), kind.Ids(2), new float[kind.Steps * kind.Batch]);
        // The runtime itself allocates now and then while it compiles; a engine that allocates does so every time.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            engine.Train(inputs, targets, seed: 1, update: (ulong)round);
            engine.Update(new() { Rule = UpdateRule.Sgd, Scale = 1, Rate = 0.01f });
            engine.ParametersChanged();
            engine.Evaluate(kind.Batch, inputs, targets, losses);
            engine.Feed(kind.Batch, inputs);
            engine.Step(inputs.AsSpan(0, kind.Batch));
            engine.ResetState();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    [Fact]
    public void Changed_parameters_count_from_ParametersChanged_on()
    {
        ModelCase kind = ModelCase.Find("lstm, 2 layers, tied");
        LanguageModel model = kind.Model();
        using CpuEngine engine = Engines.Make(model, kind.Batch, kind.Steps, training: true);
        double before = engine.Train(kind.Ids(1), kind.Ids(2), 1, 1);
        model.Parameters.Values.Fill(0);
        engine.ParametersChanged();
        engine.ResetState();
        double after = engine.Train(kind.Ids(1), kind.Ids(2), 1, 1);
        Assert.NotEqual(before, after);
        Assert.Equal(Math.Log(kind.VocabularySize), after, 1e-6); // all logits are equal
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_number_that_is_none_shows_in_the_loss(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        LanguageModel model = kind.Model();
        model.Parameters["rnn.bias_ih_l0"].Fill(float.NaN);
        using CpuEngine engine = Engines.Make(model, kind.Batch, kind.Steps, training: true, new ThreadGrid(1, 2));
        Assert.False(double.IsFinite(engine.Train(kind.Ids(1), kind.Ids(2), 1, 1)));
        float[] losses = new float[kind.Steps * kind.Batch];
        engine.Evaluate(kind.Batch, kind.Ids(1), kind.Ids(2), losses);
        Assert.All(losses, loss => Assert.False(float.IsFinite(loss)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void An_id_outside_the_vocabulary_is_refused_and_the_network_goes_on(int id)
    {
        ModelCase kind = ModelCase.Find("lstm");
        using CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
        (int[] inputs, int[] targets) = (kind.Ids(1), kind.Ids(2));
        int[] wrong = [.. inputs[..^1], id];
        float[] losses = new float[inputs.Length];

        Assert.ThrowsAny<ArgumentException>(() => engine.Train(wrong, targets, 1, 1));
        Assert.ThrowsAny<ArgumentException>(() => engine.Train(inputs, wrong, 1, 1));
        Assert.ThrowsAny<ArgumentException>(() => engine.Evaluate(kind.Batch, wrong, targets, losses));
        Assert.ThrowsAny<ArgumentException>(() => engine.Evaluate(kind.Batch, inputs, wrong, losses));
        Assert.ThrowsAny<ArgumentException>(() => engine.Feed(kind.Batch, wrong));
        Assert.ThrowsAny<ArgumentException>(() => engine.Step(wrong.AsSpan(wrong.Length - kind.Batch)).Length);

        engine.ResetState();
        Assert.True(double.IsFinite(engine.Train(inputs, targets, 1, 1)));
    }

    [Fact]
    public void Rows_are_chosen_at_every_call_and_keep_their_states()
    {
        // Streams join and leave: rows 0 … n−1 of each call, and a leaver's place is taken by the last.
        ModelCase kind = ModelCase.Find("lstm, 33 units, long window") with { Batch = 6 };
        LanguageModel model = kind.Model();
        int[] lengths = [9, 3, 7, 5, 8, 1];
        float[][] expected = [.. lengths.Select((length, stream) => Alone(stream, length))];

        using CpuEngine engine = Engines.Make(model, 6, 4, training: false, new ThreadGrid(2, 2));
        var state = new RecurrentState(kind.Options);
        List<int> streams = [];
        var steps = new Dictionary<int, int>();
        for (int turn = 0, next = 0; next < 6 || streams.Count > 0; turn++)
        {
            if (next < 6)
            {
                engine.ResetState(streams.Count);
                streams.Add(next);
                steps[next++] = 0;
            }
            ReadOnlySpan<float> logits = engine.Step([.. streams.Select(stream => Token(stream, steps[stream]))]);
            for (int row = 0; row < streams.Count; row++)
                if (++steps[streams[row]] == lengths[streams[row]])
                    Assert.Equal(expected[streams[row]], logits.Slice(row * engine.LogitsStride, kind.VocabularySize).ToArray());
            for (int row = streams.Count - 1; row >= 0; row--)
            {
                if (steps[streams[row]] < lengths[streams[row]])
                    continue;
                engine.GetState(streams.Count - 1, state);
                engine.SetState(row, state);
                streams[row] = streams[^1];
                streams.RemoveAt(streams.Count - 1);
            }
        }

        int Token(int stream, int step) => (stream * 7 + step * 3) % kind.VocabularySize;

        float[] Alone(int stream, int length)
        {
            using CpuEngine alone = Engines.Make(model, 1, 1, training: false);
            for (int step = 0; step < length - 1; step++)
                alone.Step([Token(stream, step)]);
            return alone.Step([Token(stream, length - 1)])[..kind.VocabularySize].ToArray();
        }
    }

    [Fact]
    public void A_disposed_engine_says_so()
    {
        ModelCase kind = ModelCase.Find("gru");
        CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
        engine.Train(kind.Ids(1), kind.Ids(2), 1, 1);
        engine.Dispose();
        engine.Dispose();
        var state = new RecurrentState(kind.Options, kind.Batch);
        float[] losses = new float[kind.Steps * kind.Batch];
        Assert.Throws<ObjectDisposedException>(() => engine.Train(kind.Ids(1), kind.Ids(2), 1, 1));
        Assert.Throws<ObjectDisposedException>(() => engine.Update(new() { Rule = UpdateRule.Sgd, Scale = 1, Rate = 1 }));
        Assert.Throws<ObjectDisposedException>(() => engine.Evaluate(kind.Batch, kind.Ids(1), kind.Ids(2), losses));
        Assert.Throws<ObjectDisposedException>(() => engine.Feed(kind.Batch, kind.Ids(1)));
        Assert.Throws<ObjectDisposedException>(() => engine.Step([1]).Length);
        Assert.Throws<ObjectDisposedException>(() => engine.ResetState());
        Assert.Throws<ObjectDisposedException>(() => engine.GetState(state));
        Assert.Throws<ObjectDisposedException>(() => engine.SetState(state));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_engine_that_is_never_disposed_leaves_nothing(int threads)
    {
        (WeakReference engine, IReadOnlyList<Thread> workers) = Abandon(threads);
        for (int round = 0; engine.IsAlive && round < 100; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(engine.IsAlive);
        Assert.Equal(threads - 1, workers.Count);
        Assert.All(workers, worker => Assert.True(worker.Join(TimeSpan.FromMinutes(1))));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (WeakReference, IReadOnlyList<Thread>) Abandon(int threads)
        {
            ModelCase kind = ModelCase.Find("lstm");
            CpuEngine engine = kind.Engine(training: true, new ThreadGrid(threads, 1));
            engine.Train(kind.Ids(1), kind.Ids(2), 1, 1);
            return (new WeakReference(engine), engine.Workers);
        }
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void What_an_engine_takes_is_known_before(string name)
    {
        foreach ((bool training, int shards) in ((bool, int)[])[(false, 1), (true, 1), (true, 2)])
        {
            ModelCase kind = ModelCase.Find(name) with { Batch = 12, Steps = 40 };
            LanguageModel model = kind.Model();
            var regularised = new EngineTraining { Dropout = 0.1, DropoutMask = shards == 1 ? DropoutMask.Fresh : DropoutMask.Locked, StateDropout = 0.1, InputDropout = 0.1, ActivationPenalty = 1, Shards = shards, Moments = 2 };
            using CpuEngine engine = Engines.Make(model, kind.Batch, kind.Steps, training ? regularised : null);
            long estimate = EngineMemory.Bytes(kind.Options, kind.VocabularySize, engine.Options, documents: kind.HasDocuments);
            // Parameters, gradients and moments are the garbage collector's; everything else is counted as it is taken.
            long managed = sizeof(float) * (long)model.Parameters.Count * (training ? 4 : 1) + 12L * kind.Batch * kind.Steps;
            long taken = engine.AlignedBytes + managed;
            // Reckoned with the widest panels: narrow vectors pad less.
            Assert.InRange(estimate, 0.9 * taken, 1.3 * taken + 4096);
        }
    }

    [Fact]
    public void What_the_machine_does_not_have_is_not_asked_for()
    {
        LanguageModel model = ModelCase.Find("lstm").Model();
        var exception = Assert.ThrowsAny<UnrollException>(() =>
            Engine.For(model, new EngineOptions { Rows = 1 << 20, Steps = 2000, Training = new EngineTraining() }));
        Assert.Contains("memory", exception.Message);
    }
}
