// How fast this machine trains, evaluates and generates: whole steps of the real network on made-up tokens, timed by the
// wall clock after a warm-up. The figure to quote is the median; the spread says how quiet the machine was.
using System.Diagnostics;
using Unroll.Data;
using Unroll.Generation;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Training;

namespace Unroll.Cli.Measuring;

/// <summary>Seconds of one step: the median of many, and the quartiles around it.</summary>
internal readonly record struct Timing(double Median, double LowerQuartile, double UpperQuartile)
{
    /// <summary>Half the distance between the quartiles, relative to the median.</summary>
    public double Spread => (UpperQuartile - LowerQuartile) / 2 / Median;
}

/// <summary>Measures speeds.</summary>
internal static class Speed
{
    private const int LeastSteps = 5;
    private const double LearningRate = 0.1;

    /// <summary>Floating-point operations a second of all threads together on registers alone.</summary>
    public static double Peak(int threads, double seconds)
    {
        const int Rounds = 4_000_000;
        using var team = new ThreadTeam(threads);
        Timing timing = Time(() => team.Run(_ => GC.KeepAlive(PeakLoop.Run(Rounds))), seconds);
        return threads * (double)Rounds * PeakLoop.OperationsPerRound / timing.LowerQuartile;
    }

    /// <summary>One training step: forward, backward, clipping, SGD.</summary>
    public static Timing Train(BenchConfiguration configuration, int threads, double seconds)
    {
        LanguageModel model = Create(configuration);
        using var network = new Network(model, configuration.Batch, configuration.Steps, threads, training: true);
        var optimizer = new Optimizer(TrainingOptions.Textbook, model.Parameters.Count);
        (int[] inputs, int[] targets) = Window(configuration);
        ulong update = 0;
        return Time(() =>
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
        return Time(() => network.Evaluate(inputs, targets, losses), seconds);
    }

    /// <summary>One token more for each of some streams, the likeliest each time.</summary>
    public static Timing Generate(BenchConfiguration configuration, int streams, int threads, double seconds)
    {
        const int TokensAtATime = 32;
        using var network = new Network(Create(configuration), streams, 1, threads, training: false);
        var tokens = new int[streams];
        var greedy = new TokenSampler(new GenerationOptions(), configuration.Vocabulary);
        Timing timing = Time(() =>
        {
            for (int i = 0; i < TokensAtATime; i++)
            {
                ReadOnlySpan<float> logits = network.Step(tokens);
                for (int stream = 0; stream < streams; stream++)
                    tokens[stream] = greedy.Next(logits.Slice(stream * network.LogitsStride, configuration.Vocabulary), 0);
            }
        }, seconds);
        return new Timing(timing.Median / TokensAtATime, timing.LowerQuartile / TokensAtATime, timing.UpperQuartile / TokensAtATime);
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

    /// <summary>Runs a step for half the time to warm up (the compiler improves what runs often) and then for all of it.</summary>
    private static Timing Time(Action step, double seconds)
    {
        Repeat(step, seconds / 2, []);
        var times = new List<double>();
        Repeat(step, seconds, times);
        times.Sort();
        return new Timing(times[times.Count / 2], times[times.Count / 4], times[times.Count * 3 / 4]);
    }

    private static void Repeat(Action step, double seconds, List<double> times)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds || times.Count < LeastSteps;)
        {
            long began = Stopwatch.GetTimestamp();
            step();
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    }
}
