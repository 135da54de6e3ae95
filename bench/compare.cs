// Unroll against a rival, on this machine: runs `unroll bench` and the rival's program alternately on the same shapes and
// writes what both reach, and the ratios, as Markdown tables to bench/results/CPU/. Needs bash and git.
//
//   dotnet run bench/compare.cs -- [--parts grid,generation,streams,batches,threads] [--cells rnn,gru,lstm]
//                                  [--threads 2] [--rounds 5] [--seconds 2] [--out FOLDER]
//
// A speed is the median over the rounds (each of which is a median over steps), the ratio is that of the medians, and
// beside it stand the least and the greatest ratio of a round. --threads 1,2 does everything once with each.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

string root = Path.GetFullPath("..", Path.GetDirectoryName(ThisFile())!);
string[] cells = Option("--cells", "rnn,gru,lstm").Split(',');
string[] parts = Option("--parts", "grid,generation,streams,batches,threads").Split(',');
int[] threadCounts = [.. Option("--threads", $"{Environment.ProcessorCount}").Split(',').Select(int.Parse)];
int rounds = int.Parse(Option("--rounds", "5"));
string seconds = Option("--seconds", "2");

string rivalScript = Path.Combine(root, "bench/rivals/torchsharp/rival.sh");
string command = Path.Combine(root, "src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll");
var unroll = new Contestant("Unroll", "dotnet", [command, "bench"]);
var rival = new Contestant("TorchSharp", "bash", [rivalScript]);
Run("dotnet", ["build", "-c", "Release", Path.Combine(root, "src/Unroll.Cli")]);
if (parts.Any(part => part != "threads"))
    Run("bash", [rivalScript, "--build"]);

Shape[] grid =
[
    .. cells.SelectMany(cell => (Shape[])
    [
        new(cell, 65, 128, 1, 0, 50, 50), new(cell, 28, 256, 1, 0, 32, 35), new(cell, 28, 512, 1, 0, 32, 35),
        new(cell, 65, 512, 1, 0, 64, 128), new(cell, 65, 1024, 2, 0, 64, 64), new(cell, 6400, 512, 1, 256, 32, 35),
    ]),
];
foreach (string part in parts)
{
    foreach (int threads in threadCounts)
    {
        if (part == "grid")
            Write(part, threads, "The standard grid", Compare(grid, threads), [Training, Evaluation, Generation]);
        else if (part == "generation")
            Write(part, threads, "Generation, one stream", Compare(Shapes([128, 256, 512, 1024], hidden => new("", 65, hidden, 1, 0, 1, 1)), threads), [Generation]);
        else if (part == "streams")
            Write(part, threads, "Generation, 64 streams", Compare(Shapes([64], streams => new("", 65, 512, 1, 0, 1, 1, streams)), threads), [Generation]);
        else if (part == "batches")
            Write(part, threads, "Small batches", Compare(Shapes([1, 2, 3, 4, 5, 6, 7, 8], batch => new("", 65, 256, 1, 0, batch, 64)), threads), [Training, Evaluation]);
    }
    if (part == "threads")
    {
        int all = threadCounts.Max();
        Contestant many = unroll with { Name = $"{all} threads", Threads = all }, one = unroll with { Name = "1 thread", Threads = 1 };
        Write(part, all, $"Unroll on {all} threads and on one", Measure(grid, many, one), [Training, Evaluation]);
    }
}
return;

Shape[] Shapes(int[] sizes, Func<int, Shape> make) => [.. cells.SelectMany(cell => sizes.Select(size => make(size) with { Cell = cell }))];

List<Match> Compare(Shape[] shapes, int threads) => Measure(shapes, unroll with { Threads = threads }, rival with { Threads = threads });

// The two take turns at going first, so that neither always has the cooler machine.
List<Match> Measure(Shape[] shapes, Contestant ours, Contestant theirs)
{
    var matches = new List<Match>();
    foreach (Shape shape in shapes)
    {
        var match = new Match(shape, ours.Name, theirs.Name, [], []);
        for (int round = 0; round < rounds; round++)
        {
            if (round % 2 == 1)
                match.Theirs.Add(Bench(theirs, shape));
            match.Ours.Add(Bench(ours, shape));
            if (round % 2 == 0)
                match.Theirs.Add(Bench(theirs, shape));
        }
        matches.Add(match);
        Console.Error.WriteLine($"{shape}: training {Ratio(match, Training):0.00}, evaluation {Ratio(match, Evaluation):0.00}, generation {Ratio(match, Generation):0.00}");
    }
    return matches;
}

Speeds Bench(Contestant contestant, Shape shape)
{
    string[] options =
    [
        "--cell", shape.Cell, "--vocabulary", $"{shape.Vocabulary}", "--hidden", $"{shape.Hidden}", "--layers", $"{shape.Layers}",
        "--embedding", $"{shape.Embedding}", "--batch", $"{shape.Batch}", "--steps", $"{shape.Steps}", "--streams", $"{shape.Streams}",
        "--threads", $"{contestant.Threads}", "--seconds", seconds, "--json",
    ];
    using JsonDocument json = JsonDocument.Parse(Run(contestant.Program, [.. contestant.Arguments, .. options]));
    JsonElement result = json.RootElement.GetProperty("results")[0];
    double Number(string name) => result.GetProperty(name).GetDouble();
    return new Speeds(
        json.RootElement.GetProperty("peakGigaflopsPerSecond").GetDouble(), json.RootElement.GetProperty("lanes").GetInt32(), Number("tokensPerSecond"),
        Number("gigaflopsPerSecond"), Number("evaluatedTokensPerSecond"), Number("generatedTokensPerSecond"));
}

void Write(string part, int threads, string title, List<Match> matches, IReadOnlyList<Func<Speeds, double>> kinds)
{
    Speeds some = matches[0].Ours[0];
    double peak = Median(matches.SelectMany(match => match.Ours).Select(speeds => speeds.Peak));
    var text = new StringBuilder($"""
        # {title}

        {Cpu()}, {Environment.ProcessorCount} cores, {some.Lanes} lanes; {threads} {(threads == 1 ? "thread" : "threads")}, whose peak is {peak:0} GFLOP/s (median over the runs). {DateTime.UtcNow:yyyy-MM-dd}; Unroll {Commit()}; .NET {Environment.Version}; {RivalVersions()}; {Run("uname", ["-sr"]).Trim()}. {rounds} rounds of {seconds} seconds. `dotnet run bench/compare.cs -- {string.Join(' ', args)}`

        """);
    foreach (Func<Speeds, double> kind in kinds)
        Table(text, matches, kind);
    string folder = Option("--out", Path.Combine(root, "bench/results", $"{Regex.Replace(Cpu().ToLowerInvariant(), "[^a-z0-9]+", "-").Trim('-')}-{some.Lanes}-lanes"));
    Directory.CreateDirectory(folder);
    string file = Path.Combine(folder, $"{part}-{threads}.md");
    File.WriteAllText(file, text.ToString());
    Console.WriteLine(text);
    Console.Error.WriteLine($"Written to {file}.");
}

void Table(StringBuilder text, List<Match> matches, Func<Speeds, double> kind)
{
    (string ours, string theirs) = (matches[0].OurName, matches[0].TheirName);
    bool generates = kind == Generation;
    text.AppendLine($"\n## {(kind == Training ? "Training" : generates ? "Generation" : "Evaluation")}\n");
    string shape = generates ? "| cell | V | H | L | E | streams |" : "| cell | V | H | L | E | B | T |";
    string shares = generates ? "" : " share of peak | against |";
    text.AppendLine($"{shape} {ours}, tok/s | {theirs}, tok/s |{shares} ratio | in the rounds |");
    text.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---:|", shape.Count(letter => letter == '|') + shares.Count(letter => letter == '|') + 2))}");
    foreach (Match match in matches)
    {
        Shape s = match.Shape;
        text.Append($"| {s.Cell} | {s.Vocabulary} | {s.Hidden} | {s.Layers} | {s.Embedding} | {(generates ? $"{s.Streams}" : $"{s.Batch} | {s.Steps}")} | ");
        text.Append($"{Median(match.Ours.Select(kind)):#,0} | {Median(match.Theirs.Select(kind)):#,0} | ");
        if (!generates)
            text.Append($"{Median(match.Ours.Select(Share)):0%} | {Median(match.Theirs.Select(Share)):0%} | ");
        double[] each = [.. match.Ours.Zip(match.Theirs, (our, their) => kind(our) / kind(their))];
        text.AppendLine($"**{Ratio(match, kind):0.00}** | {each.Min():0.00} to {each.Max():0.00} |");
    }
    text.AppendLine($"\nGeometric means of the ratios: {string.Join(", ", matches.GroupBy(match => match.Shape.Cell).Select(group => $"{group.Key} {Mean(group):0.00}"))}; all {Mean(matches):0.00}.");

    double Mean(IEnumerable<Match> some) => Math.Exp(some.Average(match => Math.Log(Ratio(match, kind))));
    // A training step is three products where an evaluation is one. Both contestants are held against the same peak.
    double Share(Speeds speeds) => kind(speeds) * speeds.Gigaflops / speeds.Training / (kind == Training ? 1 : 3) / Median(matches.SelectMany(match => match.Ours).Select(our => our.Peak));
}

static double Training(Speeds speeds) => speeds.Training;
static double Evaluation(Speeds speeds) => speeds.Evaluation;
static double Generation(Speeds speeds) => speeds.Generation;

static double Ratio(Match match, Func<Speeds, double> kind) => Median(match.Ours.Select(kind)) / Median(match.Theirs.Select(kind));

static double Median(IEnumerable<double> numbers)
{
    double[] sorted = [.. numbers.Order()];
    return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

string Commit() => Run("git", ["-C", root, "describe", "--always", "--dirty=, changed since"]).Trim();

string RivalVersions() => string.Join(", ", Regex.Matches(File.ReadAllText(Path.Combine(root, "bench/rivals/torchsharp/TorchSharpRival.csproj")),
    "PackageVersion Include=\"([a-zA-Z]+).*\" Version=\"(.*)\"").Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}"));

static string Cpu() => !File.Exists("/proc/cpuinfo") ? "unknown processor"
    : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and int index ? args[index + 1] : otherwise;

static string Run(string program, string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{output}");
}

static string ThisFile([CallerFilePath] string path = "") => path;

internal sealed record Contestant(string Name, string Program, string[] Arguments, int Threads = 1);

internal sealed record Shape(string Cell, int Vocabulary, int Hidden, int Layers, int Embedding, int Batch, int Steps, int Streams = 1);

internal sealed record Speeds(double Peak, int Lanes, double Training, double Gigaflops, double Evaluation, double Generation);

internal sealed record Match(Shape Shape, string OurName, string TheirName, List<Speeds> Ours, List<Speeds> Theirs);
