// One step of an optimiser over a row of parameters, element by element: the width of a vector cannot show in the result.
// Refuses to know schedules and counters.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>SGD, with and without momentum, and Adam. In all of them g = s·gradient + λp.</summary>
internal static unsafe class ParameterUpdate
{
    /// <summary>Moments of parameters that no token touches any more shrink for ever. Below this they would become subnormal
    /// numbers, with which some processors compute a hundred times slower; so small a moment moves nothing.</summary>
    private const float Tiny = 1e-30f;

    /// <summary>Updates elements [start, end) of the parameters.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Their gradients, which are cut off if the update has a limit.</param>
    /// <param name="moments">What the rule remembers.</param>
    public static void Apply(float[] values, float[] gradients, float[][] moments, int start, int end, in UpdateStep step) =>
        Apply(values.AsSpan(start, end - start), gradients.AsSpan(start, end - start), moments, start, step);

    /// <summary>Updates some parameters that follow one another.</summary>
    /// <param name="values">They.</param>
    /// <param name="gradients">Their gradients, which are cut off if the update has a limit.</param>
    /// <param name="moments">What the rule remembers of all parameters.</param>
    /// <param name="start">Which is the first.</param>
    public static void Apply(Span<float> values, Span<float> gradients, float[][] moments, int start, in UpdateStep step)
    {
        if (step.Limit > 0)
            CutOff(gradients, step.Limit);
        if (step.Rule == UpdateRule.Sgd)
            Sgd(values, gradients, step);
        else if (step.Rule == UpdateRule.Momentum)
            Momentum(values, gradients, moments[0].AsSpan(start, values.Length), step);
        else
            Adam(values, gradients, moments[0].AsSpan(start, values.Length), moments[1].AsSpan(start, values.Length), step);
    }

    /// <summary>Updates a row that few windows touch, by <see cref="UpdateStep.OfRows"/>: SGD, or g/√v with v as Adam has it.</summary>
    /// <param name="values">The row.</param>
    /// <param name="gradients">Its gradient, which is overwritten.</param>
    /// <param name="moments">What the rule remembers of all parameters.</param>
    /// <param name="start">Where the row begins among them.</param>
    public static void ApplyToRow(Span<float> values, Span<float> gradients, float[][] moments, int start, in UpdateStep step)
    {
        if (step.Limit > 0)
            CutOff(gradients, step.Limit);
        if (step.Rule == UpdateRule.Sgd)
            Sgd(values, gradients, step);
        else
            Adam(values, gradients, gradients, moments[1].AsSpan(start, values.Length), step); // the mean of one gradient is itself
    }

    /// <summary>g ← clamp(g, ±limit). A pass of its own: in the rules' loops it would cost those a tenth that never clip so.</summary>
    public static void CutOff(Span<float> gradients, float limit)
    {
        fixed (float* g = gradients)
        {
            int done = LaneWidth.Is16 ? CutOff<Lanes16>(g, 0, gradients.Length, limit)
                : LaneWidth.Is8 ? CutOff<Lanes8>(g, 0, gradients.Length, limit)
                : LaneWidth.Is4 ? CutOff<Lanes4>(g, 0, gradients.Length, limit)
                : 0;
            CutOff<Lanes1>(g, done, gradients.Length, limit);
        }
    }

    /// <summary>p ← p − η·g.</summary>
    public static void Sgd(Span<float> values, ReadOnlySpan<float> gradients, in UpdateStep step)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, values.Length);
        fixed (float* p = values, g = gradients)
        {
            int done = LaneWidth.Is16 ? Sgd<Lanes16>(p, g, 0, values.Length, step)
                : LaneWidth.Is8 ? Sgd<Lanes8>(p, g, 0, values.Length, step)
                : LaneWidth.Is4 ? Sgd<Lanes4>(p, g, 0, values.Length, step)
                : 0;
            Sgd<Lanes1>(p, g, done, values.Length, step);
        }
    }

    /// <summary>u ← μu + g; p ← p − η·u.</summary>
    public static void Momentum(Span<float> values, ReadOnlySpan<float> gradients, Span<float> sum, in UpdateStep step)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, values.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length, values.Length);
        fixed (float* p = values, g = gradients, u = sum)
        {
            int done = LaneWidth.Is16 ? Momentum<Lanes16>(p, g, u, 0, values.Length, step)
                : LaneWidth.Is8 ? Momentum<Lanes8>(p, g, u, 0, values.Length, step)
                : LaneWidth.Is4 ? Momentum<Lanes4>(p, g, u, 0, values.Length, step)
                : 0;
            Momentum<Lanes1>(p, g, u, done, values.Length, step);
        }
    }

    /// <summary>m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p·shrink − η·m / (√v·c + ε).</summary>
    public static void Adam(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, in UpdateStep step)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, values.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Length, values.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, values.Length);
        fixed (float* p = values, g = gradients, m = first, v = second)
        {
            int done = LaneWidth.Is16 ? Adam<Lanes16>(p, g, m, v, 0, values.Length, step)
                : LaneWidth.Is8 ? Adam<Lanes8>(p, g, m, v, 0, values.Length, step)
                : LaneWidth.Is4 ? Adam<Lanes4>(p, g, m, v, 0, values.Length, step)
                : 0;
            Adam<Lanes1>(p, g, m, v, done, values.Length, step);
        }
    }

    /// <inheritdoc cref="Sgd{L}"/>
    internal static int CutOff<L>(float* g, int start, int end, float limit) where L : struct, ILanes<L>
    {
        L least = L.Of(-limit), most = L.Of(limit);
        int i = start;
        for (; i <= end - L.Width; i += L.Width)
            L.Clamp(L.Load(g + i), least, most).Store(g + i);
        return i;
    }

    /// <summary>Updates from an element on, as far as whole vectors go.</summary>
    /// <returns>Where they end.</returns>
    internal static int Sgd<L>(float* p, float* g, int start, int end, in UpdateStep step) where L : struct, ILanes<L>
    {
        L scale = L.Of(step.Scale), decay = L.Of(step.Decay), rate = L.Of(-step.Rate);
        int i = start;
        for (; i <= end - L.Width; i += L.Width)
        {
            L value = L.Load(p + i);
            L gradient = L.FusedMultiplyAdd(decay, value, scale * L.Load(g + i));
            L.FusedMultiplyAdd(rate, gradient, value).Store(p + i);
        }
        return i;
    }

    /// <inheritdoc cref="Sgd{L}"/>
    internal static int Momentum<L>(float* p, float* g, float* u, int start, int end, in UpdateStep step) where L : struct, ILanes<L>
    {
        L scale = L.Of(step.Scale), decay = L.Of(step.Decay), rate = L.Of(-step.Rate);
        L momentum = L.Of(step.Beta1);
        int i = start;
        for (; i <= end - L.Width; i += L.Width)
        {
            L value = L.Load(p + i);
            L gradient = L.FusedMultiplyAdd(decay, value, scale * L.Load(g + i));
            L sum = WithoutTiny(L.FusedMultiplyAdd(momentum, L.Load(u + i), gradient));
            sum.Store(u + i);
            L.FusedMultiplyAdd(rate, sum, value).Store(p + i);
        }
        return i;
    }

    /// <inheritdoc cref="Sgd{L}"/>
    internal static int Adam<L>(float* p, float* g, float* m, float* v, int start, int end, in UpdateStep step) where L : struct, ILanes<L>
    {
        L scale = L.Of(step.Scale), decay = L.Of(step.Decay), shrink = L.Of(step.Shrink), rate = L.Of(-step.Rate);
        L beta1 = L.Of(step.Beta1), rest1 = L.Of(step.Rest1), beta2 = L.Of(step.Beta2), rest2 = L.Of(step.Rest2);
        L rootCorrection = L.Of(step.RootCorrection), epsilon = L.Of(step.Epsilon);
        int i = start;
        for (; i <= end - L.Width; i += L.Width)
        {
            L value = L.Load(p + i);
            L gradient = L.FusedMultiplyAdd(decay, value, scale * L.Load(g + i));
            L mean = WithoutTiny(L.FusedMultiplyAdd(beta1, L.Load(m + i), rest1 * gradient));
            L square = WithoutTiny(L.FusedMultiplyAdd(beta2, L.Load(v + i), rest2 * (gradient * gradient)));
            mean.Store(m + i);
            square.Store(v + i);
            L direction = mean / L.FusedMultiplyAdd(L.Sqrt(square), rootCorrection, epsilon);
            L.FusedMultiplyAdd(rate, direction, shrink * value).Store(p + i);
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L WithoutTiny<L>(L x) where L : struct, ILanes<L> => L.WherePositive(L.Max(x, L.Of(0) - x) - L.Of(Tiny), x);
}
