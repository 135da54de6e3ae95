#:project ../../src/Unroll/Unroll.csproj
#:property TieredPGO=false
#:property ConcurrentGarbageCollection=false
// Two facts about generating text, one stream, the likeliest character each time:
//   - each character reads every weight once, so no program can be faster than a plain read of as many bytes from the cache
//     that they fit in. The first table gives the share of that bound: the bound is a sum over an array of that size, read
//     again and again by one thread or by all, whichever is faster.
//   - a character costs the same however many came before. The second table is one text of a million characters.
// Usage: dotnet run -c Release runs/generation/generation.cs
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll.Data;
using Unroll.Generation;
using Unroll.Model;

const int Vocabulary = 65;
string alphabet = string.Concat(Enumerable.Range(0, Vocabulary - 1).Select(i => (char)('0' + i)));
Corpus corpus = Corpus.Load(TextSource.FromString(alphabet));

Console.WriteLine("| cell | H | weights, KiB | bound, characters/s | Unroll, characters/s | share |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|");
foreach (int hidden in new[] { 128, 256, 512, 1024 })
    foreach (CellKind cell in Enum.GetValues<CellKind>())
    {
        LanguageModel model = Create(cell, hidden);
        long weights = (long)hidden * (model.Options.Gates * hidden + Vocabulary);
        double bound = Enumerable.Range(1, Environment.ProcessorCount).Max(threads => 1 / SecondsToRead(weights, threads));
        double speed = Enumerable.Range(1, Environment.ProcessorCount).Max(threads => Speed(model, threads));
        Console.WriteLine($"| {cell.ToString().ToLowerInvariant()} | {hidden} | {weights * sizeof(float) / 1024:N0} | {bound:N0} | {speed:N0} | {speed / bound:P0} |");
    }

Console.WriteLine();
Console.WriteLine("| characters so far (LSTM, H 256) | characters/s over the last 100,000 |");
Console.WriteLine("|---:|---:|");
using (var generator = new TextGenerator(Create(CellKind.Lstm, 256)))
{
    int characters = 0;
    long start = Stopwatch.GetTimestamp();
    foreach (string _ in generator.Stream("0", new GenerationOptions { Length = 1_000_000 }))
    {
        if (++characters % 100_000 != 0)
            continue;
        Console.WriteLine($"| {characters:N0} | {100_000 / Stopwatch.GetElapsedTime(start).TotalSeconds:N0} |");
        start = Stopwatch.GetTimestamp();
    }
}

LanguageModel Create(CellKind cell, int hidden) =>
    LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = cell, HiddenSize = hidden });

// Characters a second: the median of eleven texts, after thirty to warm up.
static double Speed(LanguageModel model, int threads)
{
    using var generator = new TextGenerator(model, threads);
    int length = (int)Math.Clamp(2e9 / ((double)model.Options.Gates * model.Options.HiddenSize * model.Options.HiddenSize), 200, 20_000);
    return length / Median(() => generator.Generate("0", length));
}

// Seconds to read so many floats, shared among threads: the median of many reads.
static double SecondsToRead(long floats, int threads)
{
    const int Repeats = 50;
    float[][] parts = [.. Enumerable.Range(0, threads).Select(_ => new float[floats / threads])];
    using var barrier = new Barrier(threads);
    double seconds = 0;
    Thread[] others = [.. parts.Skip(1).Select(part => new Thread(() => Work(part)))];
    foreach (Thread other in others)
        other.Start();
    seconds = Work(parts[0]);
    foreach (Thread other in others)
        other.Join();
    return seconds;

    double Work(float[] part)
    {
        float sum = 0;
        double median = Median(() =>
        {
            barrier.SignalAndWait();
            for (int i = 0; i < Repeats; i++)
                sum += Read(part);
        });
        GC.KeepAlive(sum);
        return median / Repeats;
    }
}

// Eight sums, so that the read waits for memory and not for additions; compiled in full at once.
[MethodImpl(MethodImplOptions.AggressiveOptimization)]
static float Read(float[] part)
{
    ReadOnlySpan<Vector<float>> vectors = System.Runtime.InteropServices.MemoryMarshal.Cast<float, Vector<float>>(part);
    Vector<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
    int i = 0;
    for (; i + 8 <= vectors.Length; i += 8)
    {
        a += vectors[i];
        b += vectors[i + 1];
        c += vectors[i + 2];
        d += vectors[i + 3];
        e += vectors[i + 4];
        f += vectors[i + 5];
        g += vectors[i + 6];
        h += vectors[i + 7];
    }
    return Vector.Sum(a + b + c + d + e + f + g + h);
}

static double Median(Action action)
{
    var times = new List<double>();
    for (int run = -30; run < 11; run++)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        if (run >= 0)
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
    times.Sort();
    return times[times.Count / 2];
}
