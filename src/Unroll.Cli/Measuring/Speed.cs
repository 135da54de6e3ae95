// How fast this machine trains, evaluates and generates: whole steps of the real network on made-up tokens. A rival in
// bench/rivals has a file like this one and shares everything else of `unroll bench`.
using Unroll.Generation;
using Unroll.Model;
using Unroll.Training;

namespace Unroll.Cli.Measuring;

/// <summary>Measures speeds.</summary>
internal static class Speed
{
    private const double LearningRate = 0.1;

    /// <summary>One training step: forward, backward, clipping, SGD.</summary>
    public static Timing Train(BenchConfiguration configuration, int threads, double seconds)
    {
        LanguageModel model = Create(configuration);
        using Engine engine = Engine.For(model, configuration.Trains(threads));
        var optimizer = new Optimizer(TrainingOptions.Textbook);
        (int[] inputs, int[] targets) = Window(configuration);
        ulong update = 0;
        return Timing.Of(() =>
        {
            engine.Train(inputs, targets, seed: 1, update++);
            engine.Update(optimizer.Next(engine.GradientNorm, LearningRate));
        }, seconds);
    }

    /// <summary>Scoring one window.</summary>
    public static Timing Evaluate(BenchConfiguration configuration, int threads, double seconds)
    {
        using Engine engine = Engine.For(
            Create(configuration), new EngineOptions { Rows = configuration.Batch, Steps = configuration.Steps, Threads = threads });
        (int[] inputs, int[] targets) = Window(configuration);
        var losses = new float[inputs.Length];
        return Timing.Of(() => engine.Evaluate(configuration.Batch, inputs, targets, losses), seconds);
    }

    /// <summary>One token more for each of some streams, the likeliest each time.</summary>
    public static Timing Generate(BenchConfiguration configuration, int streams, int threads, double seconds)
    {
        const int TokensAtATime = 32;
        using Engine engine = Engine.For(Create(configuration), new EngineOptions { Rows = streams, Steps = 1, Threads = threads });
        var tokens = new int[streams];
        var greedy = new TokenSampler(new GenerationOptions(), configuration.Vocabulary);
        return Timing.Of(() =>
        {
            for (int i = 0; i < TokensAtATime; i++)
            {
                ReadOnlySpan<float> logits = engine.Step(tokens);
                for (int stream = 0; stream < streams; stream++)
                    tokens[stream] = greedy.Next(logits.Slice(stream * engine.LogitsStride, configuration.Vocabulary), 0);
            }
        }, seconds) / TokensAtATime;
    }

    private static LanguageModel Create(BenchConfiguration configuration)
    {
        string[] tokens = [Vocabulary.UnknownToken, .. Enumerable.Range(1, configuration.Vocabulary - 1).Select(id => $"{id}")];
        return LanguageModel.Create(new Vocabulary(tokens, new TextOptions { Tokens = TokenKind.Word }), configuration.Model);
    }

    private static (int[] Inputs, int[] Targets) Window(BenchConfiguration configuration)
    {
        var random = new RandomStream(1, RandomPurpose.WindowOrder, 0);
        int[] inputs = [.. Enumerable.Range(0, configuration.Tokens).Select(i => random.Below((ulong)i, configuration.Vocabulary))];
        return (inputs, [.. inputs.Select(id => (id + 1) % configuration.Vocabulary)]);
    }
}
