using Xunit;

namespace Unroll.Tests.Reference;

/// <summary>Compares numbers computed in single precision with the same numbers in double.</summary>
internal static class Close
{
    /// <summary>
    /// A float carries 2^-24 = 6e-8 relative to its size; a gradient is a sum of some hundreds of products of such numbers,
    /// whose errors scatter around zero: 1e-5 of the largest element leaves room for that, and none for a wrong term.
    /// </summary>
    public const double SinglePrecision = 1e-5;

    /// <summary>Every difference is at most <paramref name="tolerance"/> times the largest expected element.</summary>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        double[] values = new double[actual.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = actual[i];
        Equal(expected, values, tolerance, what);
    }

    /// <inheritdoc cref="Equal(ReadOnlySpan{double}, ReadOnlySpan{float}, double, string)"/>
    public static void Equal(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} numbers instead of {expected.Length}.");
        double scale = 0;
        foreach (double value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"{what}[{i}] is {actual[i]:R} instead of {expected[i]:R}, off by {Math.Abs(expected[i] - actual[i]) / scale:g2} of the largest.");
    }
}
