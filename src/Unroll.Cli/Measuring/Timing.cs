// The one way in which speeds are measured, here and in bench/rivals: by the wall clock, step by step, after a warm-up.
// The figure to quote is the median; the spread says how quiet the machine was.
using System.Diagnostics;

namespace Unroll.Cli.Measuring;

/// <summary>Seconds of one step: the median of many, and the quartiles around it.</summary>
internal readonly record struct Timing(double Median, double LowerQuartile, double UpperQuartile)
{
    private const int LeastSteps = 5;

    /// <summary>Half the distance between the quartiles, relative to the median.</summary>
    public double Spread => (UpperQuartile - LowerQuartile) / 2 / Median;

    /// <summary>The same for one of the equal parts that a step is made of.</summary>
    public static Timing operator /(Timing timing, double parts) =>
        new(timing.Median / parts, timing.LowerQuartile / parts, timing.UpperQuartile / parts);

    /// <summary>Runs a step for half the time to warm up (the compiler improves what runs often) and then for all of it.</summary>
    public static Timing Of(Action step, double seconds)
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
