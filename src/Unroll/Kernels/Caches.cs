using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>The sizes of this machine's caches, as far as the processor tells: a hint for how threads share work, never for
/// what they compute.</summary>
internal static class Caches
{
    private const int IntelLeaf = 4, AmdLeaf = unchecked((int)0x8000001D);

    /// <summary>Bytes of a core's own second-level cache.</summary>
    public static long Near { get; } = Size(2) ?? 512 << 10;

    /// <summary>Bytes of the last cache, which cores share.</summary>
    public static long Shared { get; } = Size(3) ?? 16 << 20;

    private static long? Size(int level)
    {
        if (!X86Base.IsSupported)
            return null;
        bool amd = (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= 0x8000001D && X86Base.CpuId(AmdLeaf, 0).Eax != 0;
        for (int index = 0; index < 8; index++)
        {
            (int a, int b, int c, _) = X86Base.CpuId(amd ? AmdLeaf : IntelLeaf, index);
            if ((a & 31) == 0)
                return null;
            // Ways, partitions, bytes a line and sets, each less one; kind 1 is data, 3 both.
            if ((a >> 5 & 7) == level && (a & 31) != 2)
                return ((long)((uint)b >> 22) + 1) * ((b >> 12 & 1023) + 1) * ((b & 4095) + 1) * ((uint)c + 1L);
        }
        return null;
    }
}
