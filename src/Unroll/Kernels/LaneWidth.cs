using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>Which vector width this machine runs. The properties are constants to the compiler: choosing costs nothing.</summary>
internal static class LaneWidth
{
    /// <summary>16 floats with fused multiply-add.</summary>
    public static bool Is16 => Vector512.IsHardwareAccelerated;

    /// <summary>8 floats with fused multiply-add.</summary>
    public static bool Is8 => !Is16 && Vector256.IsHardwareAccelerated && Fma.IsSupported;

    /// <summary>4 floats with fused multiply-add.</summary>
    public static bool Is4 => AdvSimd.Arm64.IsSupported;

    /// <summary>Floats per vector: 16, 8, 4 or 1.</summary>
    public static int Current => Is16 ? 16 : Is8 ? 8 : Is4 ? 4 : 1;

    /// <summary>The instruction set's name, for people.</summary>
    public static string Name => Is16 ? "AVX-512" : Is8 ? "AVX2" : Is4 ? "NEON" : "no vector instructions";
}
