// One step of an optimiser over a row of parameters. Every operation is done element by element and rounded by itself
// (no fused multiply-add), so the width of a vector cannot show in the result. Refuses to know schedules and counters.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

/// <summary>The numbers of one update that are the same for every parameter.</summary>
internal readonly record struct UpdateStep
{
    /// <summary>What the gradient is multiplied by: 1, or less where it is clipped.</summary>
    public required float Scale { get; init; }

    /// <summary>The learning rate; for Adam divided by 1 − β₁ᵗ.</summary>
    public required float Rate { get; init; }

    /// <summary>λ where weight decay is added to the gradient, else 0.</summary>
    public float Decay { get; init; }

    /// <summary>1 − ηλ where weight decay stands apart from the gradient, else 1.</summary>
    public float Shrink { get; init; }

    /// <summary>β₁.</summary>
    public float Beta1 { get; init; }

    /// <summary>1 − β₁.</summary>
    public float Rest1 { get; init; }

    /// <summary>β₂.</summary>
    public float Beta2 { get; init; }

    /// <summary>1 − β₂.</summary>
    public float Rest2 { get; init; }

    /// <summary>1 / √(1 − β₂ᵗ).</summary>
    public float RootCorrection { get; init; }

    /// <summary>ε.</summary>
    public float Epsilon { get; init; }
}

internal static class ParameterUpdate
{
    private const int Lanes = 4;

    /// <summary>p ← p − η(s·g + λp).</summary>
    public static void Sgd(Span<float> values, ReadOnlySpan<float> gradients, in UpdateStep step)
    {
        ref float p = ref MemoryMarshal.GetReference(values);
        ref float g = ref MemoryMarshal.GetReference(gradients[..values.Length]);
        Vector128<float> scale = Vector128.Create(step.Scale), decay = Vector128.Create(step.Decay), rate = Vector128.Create(step.Rate);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            Vector128<float> value = Vector128.LoadUnsafe(ref p, (nuint)i);
            Sgd(value, Vector128.LoadUnsafe(ref g, (nuint)i), scale, decay, rate).StoreUnsafe(ref p, (nuint)i);
        }
        for (; i < values.Length; i++)
            values[i] = Sgd(Vector128.Create(values[i]), Vector128.Create(gradients[i]), scale, decay, rate).ToScalar();
    }

    /// <summary>g ← s·g + λp; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p·shrink − η·m / (√v·c + ε).</summary>
    public static void Adam(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, in UpdateStep step)
    {
        ref float p = ref MemoryMarshal.GetReference(values);
        ref float g = ref MemoryMarshal.GetReference(gradients[..values.Length]);
        ref float m = ref MemoryMarshal.GetReference(first[..values.Length]);
        ref float v = ref MemoryMarshal.GetReference(second[..values.Length]);
        var adam = new AdamLanes(step);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            Vector128<float> mean = Vector128.LoadUnsafe(ref m, (nuint)i), square = Vector128.LoadUnsafe(ref v, (nuint)i);
            Vector128<float> value = adam.Step(
                Vector128.LoadUnsafe(ref p, (nuint)i), Vector128.LoadUnsafe(ref g, (nuint)i), ref mean, ref square);
            value.StoreUnsafe(ref p, (nuint)i);
            mean.StoreUnsafe(ref m, (nuint)i);
            square.StoreUnsafe(ref v, (nuint)i);
        }
        for (; i < values.Length; i++)
        {
            Vector128<float> mean = Vector128.Create(first[i]), square = Vector128.Create(second[i]);
            values[i] = adam.Step(Vector128.Create(values[i]), Vector128.Create(gradients[i]), ref mean, ref square).ToScalar();
            (first[i], second[i]) = (mean.ToScalar(), square.ToScalar());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sgd(
        Vector128<float> value, Vector128<float> gradient, Vector128<float> scale, Vector128<float> decay, Vector128<float> rate) =>
        value - rate * (scale * gradient + decay * value);

    private readonly struct AdamLanes(in UpdateStep step)
    {
        // Moments of parameters that no token touches any more decay for ever; below this they would become subnormal
        // numbers, with which some processors compute a hundred times slower. So small a moment moves nothing.
        private const float Tiny = 1e-30f;

        private readonly Vector128<float> scale = Vector128.Create(step.Scale);
        private readonly Vector128<float> decay = Vector128.Create(step.Decay);
        private readonly Vector128<float> shrink = Vector128.Create(step.Shrink);
        private readonly Vector128<float> rate = Vector128.Create(step.Rate);
        private readonly Vector128<float> beta1 = Vector128.Create(step.Beta1);
        private readonly Vector128<float> beta2 = Vector128.Create(step.Beta2);
        private readonly Vector128<float> rest1 = Vector128.Create(step.Rest1);
        private readonly Vector128<float> rest2 = Vector128.Create(step.Rest2);
        private readonly Vector128<float> rootCorrection = Vector128.Create(step.RootCorrection);
        private readonly Vector128<float> epsilon = Vector128.Create(step.Epsilon);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<float> Step(Vector128<float> value, Vector128<float> gradient, ref Vector128<float> mean, ref Vector128<float> square)
        {
            Vector128<float> g = scale * gradient + decay * value;
            mean = WithoutTiny(beta1 * mean + rest1 * g);
            square = WithoutTiny(beta2 * square + rest2 * (g * g));
            return shrink * value - rate * (mean / (Vector128.Sqrt(square) * rootCorrection + epsilon));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> WithoutTiny(Vector128<float> x) =>
            Vector128.AndNot(x, Vector128.LessThanOrEqual(Vector128.Abs(x), Vector128.Create(Tiny)));
    }
}
