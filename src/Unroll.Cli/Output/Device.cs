using Unroll.Kernels;

namespace Unroll.Cli.Output;

/// <summary>What a model is computed on, in words.</summary>
internal static class Device
{
    /// <summary>Such as "2 threads, AVX-512".</summary>
    /// <param name="threads">Threads asked for; 0 = one per core.</param>
    public static string Describe(int threads) => $"{Threads(threads)}, {LaneWidth.Name}";

    /// <summary>Such as "2 threads".</summary>
    /// <param name="threads">Threads asked for; 0 = one per core.</param>
    public static string Threads(int threads)
    {
        int count = threads > 0 ? threads : Environment.ProcessorCount;
        return $"{count} {(count == 1 ? "thread" : "threads")}";
    }
}
