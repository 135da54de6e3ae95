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
        using var network = new Network(model, configuration.Batch, configuration.Steps, threads, training: true);
        var optimizer = new Optimizer(TrainingOptions.Textbook, model.Parameters.Count);
        (int[] inputs, int[] targets) = Window(configuration);
        ulong update = 0;
        return Timing.Of(() =>
        {
            network.Train(inputs, targets, seed: 1, update++);
            optimizer.Update(model.Parameters.Storage, network.Gradients, Optimizer.Norm(network.Gradients), LearningRate, network.Team);
            network.ParametersChanged();
        }, seconds);
    }

    /// <summary>Scoring one window.</summary>
    public static Timing Evaluate(BenchConfiguration configuration, int threads, double seconds)
    {
        using var network = new Network(Create(configuration), configuration.Batch, configuration.Steps, threads, training: false);
        (int[] inputs, int[] targets) = Window(configuration);
        var losses = new float[inputs.Length];
        return Timing.Of(() => network.Evaluate(inputs, targets, losses), seconds);
    }

    /// <summary>One token more for each of some streams, the likeliest each time.</summary>
    public static Timing Generate(BenchConfiguration configuration, int streams, int threads, double seconds)
    {
        const int TokensAtATime = 32;
        using var network = new Network(Create(configuration), streams, 1, threads, training: false);
        var tokens = new int[streams];
        var greedy = new TokenSampler(new GenerationOptions(), configuration.Vocabulary);
        return Timing.Of(() =>
        {
            for (int i = 0; i < TokensAtATime; i++)
            {
                ReadOnlySpan<float> logits = network.Step(tokens);
                for (int stream = 0; stream < streams; stream++)
                    tokens[stream] = greedy.Next(logits.Slice(stream * network.LogitsStride, configuration.Vocabulary), 0);
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
