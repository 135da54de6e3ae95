using System.Globalization;
using Unroll.Cli.Output;

namespace Unroll.Cli.Measuring;

/// <summary>The speeds of one configuration.</summary>
internal sealed record BenchRow(BenchConfiguration Configuration, int Streams, double Peak, Timing Training, Timing Evaluation, Timing Generation)
{
    /// <summary>The heading over <see cref="Line"/>.</summary>
    public static string Heading =>
        "cell      V     H  L    E   B    T    ms/step     ±     train tok/s  GFLOP/s   peak  evaluate tok/s streams  generate tok/s";

    private double OperationsPerSecond => Configuration.OperationsPerStep / Training.Median;

    /// <summary>One line of the table.</summary>
    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"{Configuration.Cell.ToString().ToLowerInvariant(),-4} {Configuration.Vocabulary,6} {Configuration.Hidden,5} {Configuration.Layers,2} {Configuration.Embedding,4} {Configuration.Batch,3} {Configuration.Steps,4} {Training.Median * 1e3,10:0.00} {Training.Spread,5:0%} {Configuration.Tokens / Training.Median,15:#,0} {OperationsPerSecond / 1e9,8:0} {OperationsPerSecond / Peak,6:0%} {Configuration.Tokens / Evaluation.Median,15:#,0} {Streams,7} {Streams / Generation.Median,15:#,0}");

    /// <summary>The same for programs.</summary>
    public BenchResultJson Json => new(
        Configuration.Cell.ToString().ToLowerInvariant(), Configuration.Hidden, Configuration.Layers, Configuration.Embedding, Configuration.Vocabulary,
        Configuration.Batch, Configuration.Steps, Streams, Training.Median * 1e3, Configuration.Tokens / Training.Median, OperationsPerSecond / 1e9,
        OperationsPerSecond / Peak, Configuration.Tokens / Evaluation.Median, Streams / Generation.Median);

    /// <summary>Measures a configuration.</summary>
    /// <param name="configuration">The model and the window.</param>
    /// <param name="streams">Texts generated side by side.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="peak">The machine's floating-point operations a second.</param>
    /// <param name="seconds">How long each speed is measured.</param>
    public static BenchRow Measure(BenchConfiguration configuration, int streams, int threads, double peak, double seconds)
    {
        return new BenchRow(configuration, streams, peak, Speed.Train(configuration, threads, seconds), Speed.Evaluate(configuration, threads, seconds),
            Speed.Generate(configuration, streams, threads, seconds));
    }
}
