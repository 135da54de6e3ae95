using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

/// <summary>4 floats: Arm64 NEON.</summary>
internal unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    private Vector128<float> value = value;

    public static int Width => 4;

    public static int TileHeight => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* target) => value.Store(target);

    public static void Prefetch(float* address)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Of(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 a, Lanes4 b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 a, Lanes4 b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 a, Lanes4 b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 a, Lanes4 b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 FusedMultiplyAdd(Lanes4 a, Lanes4 b, Lanes4 c) => new(Vector128.FusedMultiplyAdd(a.value, b.value, c.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(Lanes4 a, Lanes4 b) => value = Vector128.FusedMultiplyAdd(a.value, b.value, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Sqrt(Lanes4 x) => new(Vector128.Sqrt(x.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Round(Lanes4 x) => new(Vector128.Round(x.value));

    // Arm's own minimum and maximum order the zeros and pass every NaN on; a comparison and a choice are what x64's do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Clamp(Lanes4 x, Lanes4 low, Lanes4 high)
    {
        Vector128<float> raised = Max(low, x).value;
        return new(Vector128.ConditionalSelect(Vector128.LessThan(high.value, raised), high.value, raised));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 a, Lanes4 b) => new(Vector128.ConditionalSelect(Vector128.GreaterThan(a.value, b.value), a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 PowerOfTwo(Lanes4 n) => new((Vector128.ConvertToInt32Native(n.value) + Vector128.Create(127) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 WherePositive(Lanes4 condition, Lanes4 value) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(condition.value, Vector128<float>.Zero), value.value, Vector128<float>.Zero));
}
