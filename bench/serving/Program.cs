// dotnet run -c Release --project bench/serving [-- SECONDS ROUNDS PARTS]
// What continuous batching brings and costs, in process and over HTTP on this machine alone: LSTM 512, V 65, temperature 1. Every figure is the median of rounds that
// alternate with those it is compared with.
// dotnet run -c Release --project bench/serving -- chaos|soak [MINUTES]
// Clients that vanish, a full queue, a stop under load; clients of all kinds for half an hour.
using System.Diagnostics;
using System.Globalization;
using Unroll;
using Unroll.Cli.Measuring;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Serving;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (await ServerProcess.IsServer(args))
    return;
if (args is ["chaos"])
{
    await Chaos.RunAsync();
    return;
}
if (args is ["soak", ..])
{
    await Soak.RunAsync(TimeSpan.FromMinutes(args.Length > 1 ? double.Parse(args[1]) : 30));
    return;
}
double seconds = args.Length > 0 ? double.Parse(args[0]) : 2;
int rounds = args.Length > 1 ? int.Parse(args[1]) : 5;
string[] parts = args.Length > 2 ? args[2].Split(',') : ["streams", "prompt", "first", "http"];
const double Temperature = 1;
const int Busy = 64, Prompt = 100_000;
int threads = Environment.ProcessorCount;
LanguageModel model = Requests.Model();
using var generator = new BatchGenerator(model, new BatchOptions { Slots = Busy + 8 });
Console.WriteLine($"{LaneWidth.Name}, {LaneWidth.Current} lanes, {threads} threads; LSTM {Requests.Hidden}, V {Requests.Characters}, temperature {Temperature}; {rounds} rounds of {seconds} s");

if (parts.Contains("streams"))
{
    int[] counts = [1, 8, Busy];
    var speeds = counts.ToDictionary(count => count, _ => new List<double>());
    var shares = counts.ToDictionary(count => count, _ => new List<double>());
    var engines = counts.ToDictionary(count => count, _ => new List<double>());
    for (int round = 0; round < rounds; round++)
    {
        foreach (int count in counts)
        {
            double peak = Peak.Measure(threads, 0.3), engine = EngineAlone(count);
            await using var load = new Load(generator, count, Temperature);
            double speed = await Speed(seconds);
            speeds[count].Add(speed);
            shares[count].Add(speed * Requests.OperationsPerToken / peak);
            engines[count].Add(speed / engine);
        }
    }
    Console.WriteLine("\n| streams | tokens/s | beside one stream | of the engine's steps alone | share of the peak | best round |\n|--:|--:|--:|--:|--:|--:|");
    foreach (int count in counts)
        Console.WriteLine($"| {count} | {Median(speeds[count]):#,0} | {Median([.. speeds[count].Zip(speeds[1], (many, one) => many / one)]):0.0} × | {Median(engines[count]):0 %} | {Median(shares[count]):0 %} | {shares[count].Max():0 %} |");
}

if (parts.Contains("prompt"))
{
    List<double>[] without = [[], [], []], with = [[], [], []];
    var ratios = new List<double>();
    var readings = new List<double>();
    for (int round = 0; round < rounds; round++)
    {
        await using var load = new Load(generator, Busy - 1, Temperature);
        double[] before = await Gaps(seconds);
        using GenerationStream prompt = generator.Start(Requests.Prompt((ulong)(1000 + round), Prompt, 1, Temperature));
        long read = generator.Figures.TokensRead, began = Stopwatch.GetTimestamp();
        double[] beside = await Gaps(seconds);
        readings.Add((generator.Figures.TokensRead - read) / Stopwatch.GetElapsedTime(began).TotalSeconds);
        if (prompt.Outcome.IsCompleted)
            throw new InvalidOperationException("The prompt was read before the gaps were measured: measure for a shorter time.");
        for (int i = 0; i < 3; i++)
        {
            without[i].Add(before[i]);
            with[i].Add(beside[i]);
        }
        ratios.Add(beside[1] / before[1]);
    }
    Console.WriteLine($"\n| gap between tokens, {Busy} streams | median | 99th percentile | 99.9th |\n|---|--:|--:|--:|");
    Console.WriteLine($"| alone | {Milliseconds(Median(without[0]))} | {Milliseconds(Median(without[1]))} | {Milliseconds(Median(without[2]))} |");
    Console.WriteLine($"| beside a prompt of {Prompt:#,0} characters | {Milliseconds(Median(with[0]))} | {Milliseconds(Median(with[1]))} | {Milliseconds(Median(with[2]))} |");
    Console.WriteLine($"\n99th percentile beside the prompt: {Median(ratios):0.00} × (rounds {string.Join(", ", ratios.Select(ratio => $"{ratio:0.00}"))}); the prompt is read at {Median(readings):#,0} characters/s.");
}

if (parts.Contains("first"))
{
    Console.WriteLine("\n| time to the first token, prompt of 100 characters | median | 99th percentile |\n|---|--:|--:|");
    double[] idle = await FirstTokens(0);
    Console.WriteLine($"| idle | {Milliseconds(Percentile(idle, 0.5))} | {Milliseconds(Percentile(idle, 0.99))} |");
    await using (var load = new Load(generator, Busy, Temperature))
    {
        double[] busy = await FirstTokens(10_000);
        Console.WriteLine($"| beside {Busy} streams | {Milliseconds(Percentile(busy, 0.5))} | {Milliseconds(Percentile(busy, 0.99))} |");
    }
}

if (parts.Contains("http"))
{
    var shares = new List<double>();
    var speeds = new List<double>();
    List<double>[] gaps = [[], []];
    for (int round = 0; round < rounds; round++)
    {
        double alone;
        await using (var load = new Load(generator, Busy, Temperature))
            alone = await Speed(seconds);
        await using ServerProcess server = await ServerProcess.StartAsync();
        (double speed, double[] between) = await SpeedOverHttp(server.Address, seconds);
        speeds.Add(speed);
        shares.Add(speed / alone);
        gaps[0].Add(Percentile(between, 0.5));
        gaps[1].Add(Percentile(between, 0.99));
    }
    Console.WriteLine($"\n{Busy} streams over HTTP: {Median(speeds):#,0} tokens/s, {Median(shares):0 %} of what {Busy} streams in process reach in the same round.");
    Console.WriteLine($"Between two events of one of them: median {Milliseconds(Median(gaps[0]))}, 99th percentile {Milliseconds(Median(gaps[1]))}.");
    await using ServerProcess idleServer = await ServerProcess.StartAsync();
    await using var clients = new Clients(idleServer.Address);
    Console.WriteLine("\n| time to the first event over HTTP, prompt of 100 characters | median | 99th percentile |\n|---|--:|--:|");
    double[] idle = await FirstEvents(clients, 0);
    Console.WriteLine($"| idle | {Milliseconds(Percentile(idle, 0.5))} | {Milliseconds(Percentile(idle, 0.99))} |");
    clients.Read(Busy - 1, Temperature);
    double[] busy = await FirstEvents(clients, 10_000);
    Console.WriteLine($"| beside {Busy - 1} streams | {Milliseconds(Percentile(busy, 0.5))} | {Milliseconds(Percentile(busy, 0.99))} |");
}

if (parts.Contains("peer"))
{
    string rival = Path.GetFullPath("bench/rivals/torchsharp/rival.sh");
    string[] names = ["Unroll", "libtorch"];
    List<double>[] speeds = [[], []], medians = [[], []], last = [[], []];
    for (int round = 0; round < rounds; round++)
    {
        for (int which = 0; which < 2; which++)
        {
            await using ServerProcess server = which == 0 ? await ServerProcess.StartAsync() : await ServerProcess.StartAsync(rival, "serve");
            (double speed, double[] between) = await SpeedOverHttp(server.Address, seconds);
            speeds[which].Add(speed);
            medians[which].Add(Percentile(between, 0.5));
            last[which].Add(Percentile(between, 0.99));
        }
    }
    Console.WriteLine($"\n| {Busy} streams over HTTP | tokens/s | between two events, median | 99th percentile |\n|---|--:|--:|--:|");
    for (int which = 0; which < 2; which++)
        Console.WriteLine($"| {names[which]} | {Median(speeds[which]):#,0} | {Milliseconds(Median(medians[which]))} | {Milliseconds(Median(last[which]))} |");
    Console.WriteLine($"\nUnroll makes {Median([.. speeds[0].Zip(speeds[1], (ours, theirs) => ours / theirs)]):0.00} times the tokens.");
}

// Tokens a second of so many streams, and the times between two events of one of them.
async Task<(double Speed, double[] Between)> SpeedOverHttp(Uri server, double duration)
{
    await using var clients = new Clients(server);
    clients.Read(Busy - 1, Temperature);
    var times = new List<double>();
    double before = 0, from = 0, to = 0;
    await foreach (double time in clients.EventsAsync(99, 20, int.MaxValue, Temperature))
    {
        if (time > 1 && from == 0)
            (before, from) = (await clients.TokensProducedAsync(), time);
        if (time > 1)
            times.Add(time);
        to = time;
        if (time > 1 + duration)
            break;
    }
    double speed = (await clients.TokensProducedAsync() - before) / (to - from);
    return (speed, [.. times.Zip(times.Skip(1), (one, next) => next - one)]);
}

async Task<double[]> FirstEvents(Clients clients, ulong seed)
{
    const int WarmUp = 20;
    var times = new List<double>();
    for (ulong i = 0; i < WarmUp + 100; i++)
    {
        await Task.Delay(10);
        await foreach (double time in clients.EventsAsync(seed + i, 100, 1, Temperature))
        {
            if (i >= WarmUp)
                times.Add(time);
            break;
        }
    }
    return [.. times];
}

// Steps and nothing else: no token is chosen.
double EngineAlone(int streams)
{
    using Predictor engine = Predictor.For(model, new EngineOptions { Rows = streams, Steps = 1 });
    int[] tokens = new int[streams];
    return streams / Timing.Of(() => engine.Step(tokens), 0.5).Median;
}

async Task<double> Speed(double duration)
{
    await Task.Delay(300);
    long tokens = generator.Figures.TokensProduced, began = Stopwatch.GetTimestamp();
    await Task.Delay(TimeSpan.FromSeconds(duration));
    return (generator.Figures.TokensProduced - tokens) / Stopwatch.GetElapsedTime(began).TotalSeconds;
}

// As a client of one of the streams sees them, who waits for each token.
async Task<double[]> Gaps(double duration)
{
    using GenerationStream stream = generator.Start(Requests.Endless(99, Temperature));
    var gaps = new List<double>();
    long last = 0, began = Stopwatch.GetTimestamp();
    while (Stopwatch.GetElapsedTime(began).TotalSeconds < duration + 0.3 && await stream.Tokens.WaitToReadAsync())
    {
        while (stream.Tokens.TryRead(out _))
        {
            long now = Stopwatch.GetTimestamp();
            if (last > 0 && Stopwatch.GetElapsedTime(began, now).TotalSeconds > 0.3)
                gaps.Add(Stopwatch.GetElapsedTime(last, now).TotalSeconds);
            last = now;
        }
    }
    double[] all = [.. gaps];
    return [Percentile(all, 0.5), Percentile(all, 0.99), Percentile(all, 0.999)];
}

async Task<double[]> FirstTokens(ulong seed)
{
    const int WarmUp = 20;
    var times = new List<double>();
    for (ulong i = 0; i < WarmUp + 100; i++)
    {
        GenerationRequest request = Requests.Prompt(seed + i, 100, 1, Temperature);
        await Task.Delay(10);
        long began = Stopwatch.GetTimestamp();
        using GenerationStream stream = generator.Start(request);
        await stream.Tokens.WaitToReadAsync();
        if (i >= WarmUp)
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
    return [.. times];
}

static string Milliseconds(double value) => $"{value * 1000:0.00} ms";

static double Median(IReadOnlyCollection<double> values) => Percentile([.. values], 0.5);

static double Percentile(double[] values, double share)
{
    double[] sorted = [.. values.Order()];
    return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
