using Unroll.Kernels;

namespace Unroll.Counts;

/// <summary>A quick logarithm with the same bits everywhere: a table of the mantissa's first 10 bits and the tangent there; error
/// below 10⁻⁶.</summary>
internal static class BoostLog
{
    private const int Bits = 10;
    private const float Ln2 = 0.693147181f;

    private static readonly float[] Logs = [.. Enumerable.Range(0, 1 << Bits).Select(i => (float)Functions.Log(Middle(i)))];

    private static readonly float[] Inverses = [.. Enumerable.Range(0, 1 << Bits).Select(i => (float)(1 / Middle(i)))];

    /// <summary>ln x of a positive, normal number.</summary>
    public static float Of(float x)
    {
        int bits = BitConverter.SingleToInt32Bits(x);
        int place = (bits >> (23 - Bits)) & ((1 << Bits) - 1);
        float mantissa = BitConverter.Int32BitsToSingle((bits & 0x7FFFFF) | 0x3F800000); // 1 ≤ m < 2
        // ln m = ln c + ln(1 + (m−c)/c), c the middle of the interval.
        return ((bits >> 23) - 127) * Ln2 + (Logs[place] + (mantissa * Inverses[place] - 1));
    }

    private static double Middle(int i) => 1 + (i + 0.5) / (1 << Bits);
}
