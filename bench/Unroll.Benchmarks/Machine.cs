// What this machine can do at best, on one thread: the two numbers that every floor is made of. Measured once, in the process
// that also runs the benchmarks, and printed above their tables.
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>The peak and the bandwidth of one thread.</summary>
/// <param name="Peak">Floating-point operations a second on registers alone.</param>
/// <param name="Bandwidth">Bytes a second to and from memory.</param>
public sealed record Machine(double Peak, double Bandwidth)
{
    private const int Repetitions = 12;

    /// <summary>256 MiB: more than the caches hold.</summary>
    private const int Length = 64 << 20;

    private static Machine? measured;

    /// <summary>This machine, measured at the first call.</summary>
    public static Machine This => measured ??= Measure();

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{LaneWidth.Name}, {LaneWidth.Current} lanes, one thread: peak {Peak / 1e9:0.0} GFLOP/s, bandwidth {Bandwidth / 1e9:0.0} GB/s");

    private static Machine Measure()
    {
        const int Rounds = 4_000_000;
        double peak = Rounds * (double)PeakLoop.OperationsPerRound / Shortest(() => GC.KeepAlive(PeakLoop.Run(Rounds)));

        // A floor must not be higher than what can be reached, so the fastest way of touching memory counts.
        float[] source = new float[Length], target = new float[Length];
        source.AsSpan().Fill(1);
        target.AsSpan().Fill(1);
        double read = sizeof(float) * (double)Length / Shortest(() => GC.KeepAlive(Sum(source)));
        double copy = 2 * sizeof(float) * (double)Length / Shortest(() => source.CopyTo(target, 0));
        double add = 3 * sizeof(float) * (double)Length / Shortest(() => Add(source, target));
        return new Machine(peak, Math.Max(read, Math.Max(copy, add)));
    }

    /// <summary>Seconds: the least of some runs, since noise only ever adds.</summary>
    private static double Shortest(Action action)
    {
        double shortest = double.PositiveInfinity;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long began = Stopwatch.GetTimestamp();
            action();
            shortest = Math.Min(shortest, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        return shortest;
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        int width = Vector<float>.Count;
        Vector<float> a = default, b = default, c = default, d = default;
        for (; values.Length >= 4 * width; values = values[(4 * width)..])
        {
            a += new Vector<float>(values);
            b += new Vector<float>(values[width..]);
            c += new Vector<float>(values[(2 * width)..]);
            d += new Vector<float>(values[(3 * width)..]);
        }
        return Vector.Sum(a + b + (c + d));
    }

    private static void Add(ReadOnlySpan<float> source, Span<float> target)
    {
        int width = Vector<float>.Count;
        for (int i = 0; i + width <= source.Length; i += width)
            (new Vector<float>(target[i..]) + new Vector<float>(source[i..])).CopyTo(target[i..]);
    }
}
