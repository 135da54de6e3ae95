using System.Runtime.Intrinsics.Arm;
using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Runs a formula at every vector width, those that this machine only imitates included.</summary>
internal static unsafe class Lanes
{
    /// <summary>Floats per vector. The wide ones choose with x64's instructions, which Arm has not, and run on x64 only.</summary>
    public static TheoryData<int> Widths => AdvSimd.Arm64.IsSupported ? [1, 4] : [1, 4, 8, 16];

    /// <summary>A formula of one number, written over lanes.</summary>
    public interface IFormula
    {
        static abstract L Apply<L>(L x) where L : struct, ILanes<L>;
    }

    public static float[] Map<TFormula>(int width, float[] x) where TFormula : IFormula => width switch
    {
        1 => Map<TFormula, Lanes1>(x),
        4 => Map<TFormula, Lanes4>(x),
        8 => Map<TFormula, Lanes8>(x),
        _ => Map<TFormula, Lanes16>(x),
    };

    public static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private static float[] Map<TFormula, L>(float[] x) where TFormula : IFormula where L : struct, ILanes<L>
    {
        float* source = stackalloc float[16], target = stackalloc float[16];
        float[] result = new float[x.Length];
        for (int i = 0; i < x.Length; i += L.Width)
        {
            int count = Math.Min(L.Width, x.Length - i);
            x.AsSpan(i, count).CopyTo(new Span<float>(source, 16));
            TFormula.Apply(L.Load(source)).Store(target);
            new ReadOnlySpan<float>(target, count).CopyTo(result.AsSpan(i));
        }
        return result;
    }
}
