// `unroll bench`: how fast this machine trains, evaluates and generates, and what share of its peak that is.
using System.CommandLine;
using System.Globalization;
using Unroll.Cli.Arguments;
using Unroll.Cli.Measuring;
using Unroll.Cli.Output;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Cli;

internal sealed class BenchVerb : Verb
{
    private const int MostUnits = 65536;
    private const int MostLayers = 64;
    private const int MostRows = 65536;
    private const int MostTokens = 1 << 24;

    private readonly Option<string> cell = new("--cell") { HelpName = "rnn|gru|lstm|cifg", Description = "only this kind of cell" };
    private readonly Option<string> hidden = new("--hidden") { HelpName = "H", Description = "hidden units per layer" };
    private readonly Option<string> layers = new("--layers") { HelpName = "L", Description = "recurrent layers" };
    private readonly Option<string> embedding = new("--embedding") { HelpName = "E", Description = "length of the embedding; 0 = one-hot" };
    private readonly Option<string> vocabulary = new("--vocabulary") { HelpName = "V", Description = "tokens in the vocabulary" };
    private readonly Option<string> batch = new("--batch") { HelpName = "B", Description = "rows of a minibatch" };
    private readonly Option<string> steps = new("--steps", "--sequence-length") { HelpName = "T", Description = "steps of a window" };
    private readonly Option<string> streams = new("--streams") { HelpName = "N", Description = "texts generated side by side [default: 1]" };
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<string> seconds = new("--seconds") { HelpName = "S", Description = "seconds to measure each speed for, after a warm-up of half as long [default: 2]" };
    private readonly Option<bool> json = new("--json")
    {
        Description = "one JSON object instead of a table: peakGigaflopsPerSecond, lanes, threads, results [{…}]",
    };

    public BenchVerb() : base("bench", "Measures this machine's speed in training, evaluating and generating, and the share of its peak.")
    {
        Group("Configuration (any of these replaces the standard ones)", cell, hidden, layers, embedding, vocabulary, batch, steps);
        Group("Options", streams, threads, seconds, json);
        Remarks.Add("A training step is forward, backward, clipping and SGD; its useful floating-point operations over the time it takes is its speed, "
            + "and the peak is what fused multiply-adds on registers alone reach in the same run. Medians; ± is half the distance between the quartiles. "
            + "Generation takes the likeliest token each time. Threads are as many as the product would use: never more than there are cores, and fewer "
            + "where the work is not worth them.");
        Examples.Add(("unroll bench", "the standard configurations, in about two minutes"));
        Examples.Add(("unroll bench --cell lstm --hidden 512 --batch 64 --json", "one of your own, for a script"));
    }

    public override int Run(ParseResult arguments, Session session)
    {
        IReadOnlyList<BenchConfiguration> configurations = Configurations();
        int workers = Threads(arguments, threads) is int given and > 0 ? given : Environment.ProcessorCount;
        double duration = arguments.GetValue(seconds) is string length ? Value.Number("--seconds", length, 0.01) : 2;
        int texts = Whole(streams, 1, 1, MostRows);
        foreach (BenchConfiguration configuration in configurations)
            EngineMemory.Check(configuration.Model, configuration.Vocabulary, configuration.Trains(workers));
        double peak = Peak.Measure(workers, duration);
        Terminal terminal = session.Terminal;
        bool asJson = arguments.GetValue(json);
        if (!asJson)
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{LaneWidth.Name}, {LaneWidth.Current} lanes, {workers} {(workers == 1 ? "thread" : "threads")}: peak {peak / 1e9:0} GFLOP/s\n\n{BenchRow.Heading}"));

        var rows = new List<BenchRow>();
        foreach (BenchConfiguration configuration in configurations)
        {
            rows.Add(BenchRow.Measure(configuration, texts, workers, peak, duration));
            if (!asJson)
                terminal.Out.WriteLine(rows[^1].Line);
            terminal.Out.Flush();
        }
        if (asJson)
            JsonOutput.Write(terminal.Out, new BenchJson(peak / 1e9, LaneWidth.Current, workers, [.. rows.Select(row => row.Json)]), JsonOutput.Readable.BenchJson);
        return 0;

        IReadOnlyList<BenchConfiguration> Configurations()
        {
            CellKind[] cells = arguments.GetValue(cell) is string name ? [Value.Choice<CellKind>("--cell", name)] : Enum.GetValues<CellKind>();
            Option<string>[] shape = [hidden, layers, embedding, vocabulary, batch, steps];
            if (shape.All(option => arguments.GetValue(option) is null))
                return [.. BenchConfiguration.Grid.Where(configuration => cells.Contains(configuration.Cell))];
            return [.. cells.Select(kind => Checked(new BenchConfiguration(kind, Whole(vocabulary, 65, 2, MostTokens), Whole(hidden, 256, 1, MostUnits),
                Whole(layers, 1, 1, MostLayers), Whole(embedding, 0, 0, MostUnits), Whole(batch, 32, 1, MostRows), Whole(steps, 64, 1, MostRows))))];
        }

        int Whole(Option<string> option, int otherwise, int least, int most) =>
            arguments.GetValue(option) is string text ? Value.Count(option.Name, text, least, most) : otherwise;
    }

    // Sizes that no machine's memory could hold, before anything is allocated.
    private static BenchConfiguration Checked(BenchConfiguration configuration)
    {
        long tokens = (long)configuration.Batch * configuration.Steps;
        if (tokens > MostTokens)
            throw new UsageException($"--batch times --steps must be at most {Figures.Count(MostTokens)}, not {Figures.Count(tokens)}.");
        long parameters = Parameters.Layout(configuration.Model, configuration.Vocabulary).Sum(tensor => tensor.Count);
        if (parameters > Array.MaxLength)
            throw new UsageException($"Such a model would have {Figures.Count(parameters)} parameters; the most is {Figures.Count(Array.MaxLength)}.");
        long plane = tokens * Math.Max(configuration.Hidden, configuration.Embedding);
        if (plane > Array.MaxLength)
            throw new UsageException($"--batch times --steps times the units would be {Figures.Count(plane)} numbers for each gate; the most is {Figures.Count(Array.MaxLength)}.");
        return configuration;
    }
}
