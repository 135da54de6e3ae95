#:project ../../src/Unroll/Unroll.csproj
#:property TieredPGO=false
#:property ConcurrentGarbageCollection=false
// Two facts about generating text, one stream, the likeliest character each time:
//   - each character reads every weight once, so no program can be faster than a plain read of as many bytes from the cache
//     that they fit in. The first table gives the share of that bound: the bound is a sum over an array of that size, read
//     again and again by one thread or by all, whichever is faster (they never wait for each other, as a model's must).
//     The two are measured in turn, 21 times, because the machine's speed is not the same from second to second.
//   - a character costs the same however many came before. The second table is one text of a million characters.
// Usage: dotnet run -c Release runs/generation/generation.cs
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll;

const int Vocabulary = 65;
string alphabet = string.Concat(Enumerable.Range(0, Vocabulary - 1).Select(i => (char)('0' + i)));
using Corpus corpus = Corpus.Load(TextSource.FromString(alphabet));

Console.WriteLine("| cell | H | weights, KiB | bound, µs a character | Unroll, µs a character | share (quarter to quarter) |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|");
foreach (int hidden in new[] { 128, 256, 512, 1024 })
    foreach (CellKind cell in Enum.GetValues<CellKind>())
    {
        LanguageModel model = Create(cell, hidden);
        int gates = cell switch { CellKind.Rnn => 1, CellKind.Gru => 3, _ => 4 };
        long weights = (long)hidden * (gates * hidden + Vocabulary);
        int[] threads = [.. Enumerable.Range(1, Environment.ProcessorCount)];
        TextGenerator[] generators = [.. threads.Select(count => new TextGenerator(model, count))];
        float[][][] arrays = [.. threads.Select(count => Enumerable.Range(0, count).Select(_ => new float[weights / count]).ToArray())];
        var (bounds, times, shares) = (new List<double>(), new List<double>(), new List<double>());
        for (int round = -3; round < 21; round++)
        {
            double bound = arrays.Min(SecondsToRead), time = generators.Min(SecondsToWrite);
            if (round < 0)
                continue; // warming up
            bounds.Add(bound * 1e6);
            times.Add(time * 1e6);
            shares.Add(bound / time);
        }
        foreach (TextGenerator generator in generators)
            generator.Dispose();
        Console.WriteLine($"| {cell.ToString().ToLowerInvariant()} | {hidden} | {weights * sizeof(float) / 1024:N0} "
            + $"| {Quantile(bounds, 0.5):N2} | {Quantile(times, 0.5):N2} | {Quantile(shares, 0.5):P0} ({Quantile(shares, 0.25):P0} to {Quantile(shares, 0.75):P0}) |");

        double SecondsToWrite(TextGenerator generator)
        {
            generator.Generate("0", 3); // into the cache
            return Seconds(() => generator.Generate("0", Repeats(weights))) / Repeats(weights);
        }
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

// Enough for some ten milliseconds.
static int Repeats(long weights) => (int)Math.Clamp(100_000_000 / weights, 20, 5_000);

// Seconds for one read of the arrays, each by a thread of its own: the slowest thread's.
static double SecondsToRead(float[][] parts)
{
    using var barrier = new Barrier(parts.Length);
    var seconds = new double[parts.Length];
    Thread[] others = [.. Enumerable.Range(1, parts.Length - 1).Select(part => new Thread(() => Work(part)))];
    foreach (Thread other in others)
        other.Start();
    Work(0);
    foreach (Thread other in others)
        other.Join();
    return seconds.Max();

    void Work(int part)
    {
        float sum = Read(parts[part]); // into the cache
        int repeats = Repeats(parts.Length * parts[part].LongLength);
        barrier.SignalAndWait();
        seconds[part] = Seconds(() =>
        {
            for (int i = 0; i < repeats; i++)
                sum += Read(parts[part]);
        }) / repeats;
        GC.KeepAlive(sum);
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

static double Seconds(Action action)
{
    long start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

static double Quantile(List<double> values, double at)
{
    values.Sort();
    return values[(int)(at * (values.Count - 1))];
}
