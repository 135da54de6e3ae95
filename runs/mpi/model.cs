// How well many ranks use their time, by the model of docs/many-machines.md; prints its table. Usage: dotnet run runs/mpi/model.cs
using System.Globalization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const double Latency = 1; // of a message, see below

(string Name, double BytesPerSecond, double Alpha)[] links =
[
    ("1 Gbit/s", 0.94 * 1e9 / 8, 50e-6), ("10 Gbit/s", 0.94 * 10e9 / 8, 30e-6), ("25 Gbit/s", 0.94 * 25e9 / 8, 20e-6), ("100 Gbit/s, RDMA", 0.94 * 100e9 / 8, 3e-6),
];
(string Name, double FlopsPerSecond, int Tokens)[] ranks =
[
    ("2 cores, 0.35 TFLOP/s, 4,096 tokens a rank", 0.35e12, 4096), ("a server, 3 TFLOP/s, 4,096 tokens a rank", 3e12, 4096), ("a server, 3 TFLOP/s, 32,768 tokens a rank", 3e12, 32768),
];
const double Parameters = 10e6;
const double Pieces = 12; // two layers of LSTM: the first's four recurrent matrices and the second's eight

Console.WriteLine($"Efficiency in %, {Parameters / 1e6:0} million parameters, by the number of ranks");
foreach ((string name, double flops, int tokens) in ranks)
{
    Console.WriteLine();
    Console.WriteLine($"| {name} | 2 | 4 | 8 | 16 | 64 | 256 | 1024 |");
    Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
    foreach ((string link, double rate, double alpha) in links)
    {
        double compute = 6 * Parameters * tokens / flops;
        IEnumerable<string> cells = new[] { 2, 4, 8, 16, 64, 256, 1024 }.Select(p => $"{100 * compute / (compute + Waiting(p, compute, rate, alpha)):0}");
        Console.WriteLine($"| {link} | {string.Join(" | ", cells)} |");
    }
}

// A third of the operations make gradients of weights. While later pieces are computed, earlier ones are under way, up to 64 ranks.
static double Waiting(int p, double compute, double rate, double alpha)
{
    double exchange = Exchange(p, rate, alpha);
    return p > 64 ? exchange : Math.Max(exchange / Pieces, exchange - (1 - 1 / Pieces) * compute / 3);
}

// Slices out and back: P − 1 messages each way, or beyond 64 ranks log₂ P; then the loss, the time and whether to stop.
static double Exchange(int p, double rate, double alpha)
{
    double steps = Math.Log2(p), messages = p <= 64 ? p - 1 : steps;
    return 2 * (messages * Latency * alpha + 4 * Parameters * (p - 1) / p / rate) + 3 * steps * alpha;
}
