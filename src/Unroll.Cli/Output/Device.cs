using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Cli.Output;

/// <summary>What a model is computed on, in words.</summary>
internal static class Device
{
    /// <summary>Such as "2 threads, AVX-512".</summary>
    /// <param name="threads">Threads asked for; 0 = one per core.</param>
    public static string Describe(int threads)
    {
        int count = threads > 0 ? threads : Environment.ProcessorCount;
        return $"{count} {(count == 1 ? "thread" : "threads")}, {Lanes}";
    }

    private static string Lanes =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? "AVX-512"
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? "AVX2"
        : AdvSimd.Arm64.IsSupported ? "NEON"
        : "no vector instructions";
}
