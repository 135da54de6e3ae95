using Unroll.Kernels;

namespace Unroll.Cli.Measuring;

/// <summary>What the machine could do if there were nothing but arithmetic.</summary>
internal static class Peak
{
    /// <summary>Floating-point operations a second of all threads together on registers alone.</summary>
    public static double Measure(int threads, double seconds)
    {
        const int Rounds = 4_000_000;
        using var team = new ThreadTeam(threads);
        Timing timing = Timing.Of(() => team.Run(_ => GC.KeepAlive(PeakLoop.Run(Rounds))), seconds);
        return threads * (double)Rounds * PeakLoop.OperationsPerRound / timing.LowerQuartile;
    }
}
