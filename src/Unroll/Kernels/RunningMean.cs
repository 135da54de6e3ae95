namespace Unroll.Kernels;

/// <summary>The mean of rows of numbers that come one after another.</summary>
internal static unsafe class RunningMean
{
    /// <summary>mean ← mean + (values − mean)·weight, element by element, the product and the sum rounded once.</summary>
    /// <param name="mean">The mean so far.</param>
    /// <param name="values">The next row.</param>
    /// <param name="weight">1/n for the n-th row.</param>
    public static void Add(Span<float> mean, ReadOnlySpan<float> values, float weight)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, mean.Length);
        fixed (float* m = mean, x = values)
        {
            int done = LaneWidth.Is16 ? Add<Lanes16>(m, x, 0, mean.Length, weight)
                : LaneWidth.Is8 ? Add<Lanes8>(m, x, 0, mean.Length, weight)
                : LaneWidth.Is4 ? Add<Lanes4>(m, x, 0, mean.Length, weight)
                : 0;
            Add<Lanes1>(m, x, done, mean.Length, weight);
        }
    }

    /// <summary>From an element on, as far as whole vectors go.</summary>
    /// <returns>Where they end.</returns>
    internal static int Add<L>(float* mean, float* values, int start, int end, float weight) where L : struct, ILanes<L>
    {
        L factor = L.Of(weight);
        int i = start;
        for (; i <= end - L.Width; i += L.Width)
        {
            L before = L.Load(mean + i);
            L.FusedMultiplyAdd(L.Load(values + i) - before, factor, before).Store(mean + i);
        }
        return i;
    }
}
