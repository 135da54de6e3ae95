using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Every width gives, lane by lane, the bits that scalar IEEE arithmetic gives.</summary>
public class LanesTests
{
    private static readonly float[] Numbers =
    [
        0, -0f, 1, -1, 0.5f, 1.5f, 2.5f, -2.5f, 1e-3f, 3.14159f, -7.77f, 126, -126, 88.7f, 1e10f, -1e10f, 1e-38f, 1e-45f, -1e-45f,
        float.MaxValue, float.MinValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity,
    ];

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void Arithmetic_is_rounded_once(int width)
    {
        Check<FusedMultiplyAdd>(width, x => MathF.FusedMultiplyAdd(x, x, 0.1f));
        Check<Arithmetic>(width, x => (x * 1.1f + 0.3f - x / 3f) / (x - 0.7f));
        Check<Root>(width, MathF.Sqrt);
        Check<Rounded>(width, x => MathF.Round(x, MidpointRounding.ToEven));
        Check<Residue>(width, x => MathF.FusedMultiplyAdd(x, x, 0 - x * x));
        // (1 + 2⁻²³)² = 1 + 2⁻²² + 2⁻⁴⁶: the last term is what a product rounded on its own loses.
        Assert.Equal([MathF.ScaleB(1, -46)], Lanes.Map<Residue>(width, [MathF.BitIncrement(1)]));
        Assert.Equal([MathF.ScaleB(1, -46)], Lanes.Map<AccumulatedResidue>(width, [MathF.BitIncrement(1)]));
    }

    // The scalar kernels and the functions in double rely on it, also where the processor has no such instruction.
    [Fact]
    public void The_platform_s_own_fused_multiply_add_is_rounded_once()
    {
        float x = MathF.BitIncrement(Numbers[2]);
        Assert.Equal(MathF.ScaleB(1, -46), MathF.FusedMultiplyAdd(x, x, -(x * x)));
        double y = Math.BitIncrement(Numbers[2]);
        Assert.Equal(Math.ScaleB(1, -104), Math.FusedMultiplyAdd(y, y, -(y * y)));
    }

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void Choices_are_the_same(int width)
    {
        Check<Clamped>(width, x => x < -2 ? -2 : x > 3 ? 3 : x);
        Check<ClampedAtZero>(width, x => x < 0 ? 0 : x > 3 ? 3 : x);
        Check<ClampedBelowZero>(width, x => x < -3 ? -3 : x > 0 ? 0 : x);
        Check<Larger>(width, x => 0.25f > x ? 0.25f : x);
        Check<Rectified>(width, x => 0f > x ? 0f : x);
        Check<WherePositive>(width, x => x > 0 ? 5 : 0);
    }

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void The_larger_of_equals_is_the_second(int width)
    {
        Assert.Equal(Lanes.Bits([0f, -0f]), Lanes.Bits(Lanes.Map<Rectified>(width, [0f, -0f])));
        Assert.Equal(Lanes.Bits([0f, 0f]), Lanes.Bits(Lanes.Map<LargerThanZero>(width, [0f, -0f])));
        Assert.Equal([0f, float.NaN], [.. Lanes.Map<LargerThanZero>(width, [float.NaN]), .. Lanes.Map<Rectified>(width, [float.NaN])]);
    }

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void A_number_that_is_none_stays_visible(int width)
    {
        float[] nan = [float.NaN, 1, float.NaN];
        foreach (float[] result in new[]
        {
            Lanes.Map<Clamped>(width, nan), Lanes.Map<Rectified>(width, nan), Lanes.Map<FusedMultiplyAdd>(width, nan), Lanes.Map<Rounded>(width, nan),
        })
            Assert.Equal([true, false, true], result.Select(float.IsNaN));
    }

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void Powers_of_two_are_exact(int width)
    {
        float[] exponents = [.. Enumerable.Range(-126, 254).Select(n => (float)n)];
        Assert.Equal(exponents.Select(n => (float)Math.Pow(2, n)), Lanes.Map<PowerOfTwo>(width, exponents));
    }

    [Fact]
    public void The_width_in_use_is_the_best_the_machine_has()
    {
        // What .NET's switches leave of it; and .NET itself leaves 512 bits alone where they slow the processor down.
        (int, string) best = Vector512.IsHardwareAccelerated ? (16, "AVX-512") : Avx2.IsSupported && Fma.IsSupported ? (8, "AVX2") : AdvSimd.Arm64.IsSupported ? (4, "NEON") : (1, "no vector instructions");
        Assert.Equal(best, (LaneWidth.Current, LaneWidth.Name));
    }

    // A NaN's sign and payload are the machine's business; everything else is compared to the bit.
    private static void Check<TFormula>(int width, Func<float, float> expected) where TFormula : Lanes.IFormula
    {
        float[] actual = Lanes.Map<TFormula>(width, Numbers);
        for (int i = 0; i < Numbers.Length; i++)
        {
            float value = expected(Numbers[i]);
            Assert.True(float.IsNaN(value) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(value) == BitConverter.SingleToInt32Bits(actual[i]),
                $"{typeof(TFormula).Name} of {Numbers[i]} at width {width} is {actual[i]:R} instead of {value:R}.");
        }
    }

    private struct FusedMultiplyAdd : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.FusedMultiplyAdd(x, x, L.Of(0.1f));
    }

    private struct Residue : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.FusedMultiplyAdd(x, x, L.Of(0) - x * x);
    }

    private struct AccumulatedResidue : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L>
        {
            L sum = L.Of(0) - x * x;
            sum.Accumulate(x, x);
            return sum;
        }
    }

    private struct Arithmetic : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => (x * L.Of(1.1f) + L.Of(0.3f) - x / L.Of(3)) / (x - L.Of(0.7f));
    }

    private struct Root : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Sqrt(x);
    }

    private struct Rounded : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Round(x);
    }

    private struct Clamped : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Clamp(x, L.Of(-2), L.Of(3));
    }

    private struct ClampedAtZero : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Clamp(x, L.Of(0), L.Of(3));
    }

    private struct ClampedBelowZero : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Clamp(x, L.Of(-3), L.Of(0));
    }

    private struct Larger : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Max(L.Of(0.25f), x);
    }

    private struct Rectified : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Max(L.Of(0), x);
    }

    private struct LargerThanZero : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.Max(x, L.Of(0));
    }

    private struct WherePositive : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.WherePositive(x, L.Of(5));
    }

    private struct PowerOfTwo : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => L.PowerOfTwo(x);
    }
}
