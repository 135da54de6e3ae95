// exp, sigmoid and tanh over lanes, log and exp in double: polynomials of exactly rounded operations, so that every
// machine computes the same bits. The platform's own functions differ between systems and are not used in training.
// The coefficients of the single-precision exponential, and its ln 2 in two parts, are those of expf in the Cephes library by
// Stephen L. Moshier; the ln 2 of the one in double is fdlibm's (Sun Microsystems).
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Elementary functions with the same bits everywhere.</summary>
internal static class Functions
{
    private const float Log2OfE = 1.44269504f;

    // ln 2 in two parts: n·High is exact for |n| < 2^11.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>eˣ for −87 ≤ x ≤ 88, beyond which it stays at the ends; relative error below 2^-22.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x) where L : struct, ILanes<L>
    {
        L p = ReducedExpMinus1(L.Clamp(x, L.Of(-87), L.Of(88)), out L scale);
        return L.FusedMultiplyAdd(p, scale, scale);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Sigmoid<L>(L x) where L : struct, ILanes<L> => L.Of(1) / (L.Of(1) + Exp(L.Of(0) - x));

    /// <summary>(e²ˣ − 1) / (e²ˣ + 1), through e²ˣ − 1 so that it keeps its relative accuracy near zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Tanh<L>(L x) where L : struct, ILanes<L>
    {
        L p = ReducedExpMinus1(L.Clamp(x + x, L.Of(-40), L.Of(40)), out L scale);
        L expMinus1 = L.FusedMultiplyAdd(p, scale, scale - L.Of(1));
        return expMinus1 / (expMinus1 + L.Of(2));
    }

    /// <summary>With n = round(x / ln 2) and r = x − n·ln 2: returns eʳ − 1 and gives scale = 2ⁿ, so eˣ = scale·(1 + result).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L ReducedExpMinus1<L>(L x, out L scale) where L : struct, ILanes<L>
    {
        L n = L.Round(x * L.Of(Log2OfE));
        L r = L.FusedMultiplyAdd(n, L.Of(-Ln2High), x);
        r = L.FusedMultiplyAdd(n, L.Of(-Ln2Low), r);
        // eʳ − 1 = r + r²·q(r), |r| ≤ ln2/2; q is Cephes' minimax polynomial of degree 5: its largest error is the least possible.
        L q = L.Of(1.9875691500e-4f);
        q = L.FusedMultiplyAdd(q, r, L.Of(1.3981999507e-3f));
        q = L.FusedMultiplyAdd(q, r, L.Of(8.3334519073e-3f));
        q = L.FusedMultiplyAdd(q, r, L.Of(4.1665795894e-2f));
        q = L.FusedMultiplyAdd(q, r, L.Of(1.6666665459e-1f));
        q = L.FusedMultiplyAdd(q, r, L.Of(5.0000001201e-1f));
        scale = L.PowerOfTwo(n);
        return L.FusedMultiplyAdd(q * r, r, r);
    }

    private static ReadOnlySpan<double> LogCoefficients =>
        [1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3];

    /// <summary>The natural logarithm of a positive, finite, normal number; error below 2 units in the last place.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || !double.IsNormal(x))
            return x == 0 ? double.NegativeInfinity : double.IsPositiveInfinity(x) ? x : double.NaN;
        // x = m·2ᵏ with m in [√½, √2); ln m = 2·artanh((m−1)/(m+1)) = 2·(s + s³/3 + s⁵/5 + …).
        long bits = BitConverter.DoubleToInt64Bits(x);
        int k = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
            (m, k) = (m * 0.5, k + 1);
        double s = (m - 1) / (m + 1);
        double square = s * s;
        double series = 0;
        foreach (double coefficient in LogCoefficients)
            series = Math.FusedMultiplyAdd(series, square, coefficient);
        return Math.FusedMultiplyAdd(k, 0.6931471805599453, Math.FusedMultiplyAdd(2 * s * square, series, 2 * s));
    }

    /// <summary>eˣ; 0 below −708, infinite above 709; error below 2 units in the last place.</summary>
    public static double Exp(double x)
    {
        if (!(x >= -708))
            return double.IsNaN(x) ? x : 0;
        if (x > 709)
            return double.PositiveInfinity;
        double n = Math.Round(x * 1.4426950408889634);
        double r = Math.FusedMultiplyAdd(n, -0.693147180369123816490, x);
        r = Math.FusedMultiplyAdd(n, -1.90821492927058770002e-10, r);
        double series = 1;
        for (int term = 13; term >= 1; term--)
            series = Math.FusedMultiplyAdd(series, r / term, 1);
        return series * BitConverter.Int64BitsToDouble(((long)n + 1023) << 52);
    }

    /// <summary>eˣ of many numbers in their places, each what <see cref="Exp(double)"/> makes of it to the bit, side by side.</summary>
    public static void Exp(Span<double> values)
    {
        int at = 0;
        for (; at <= values.Length - Vector<double>.Count; at += Vector<double>.Count)
        {
            var x = new Vector<double>(values[at..]);
            Vector<double> n = Vector.Round(x * 1.4426950408889634);
            Vector<double> r = Vector.FusedMultiplyAdd(n, new Vector<double>(-0.693147180369123816490), x);
            r = Vector.FusedMultiplyAdd(n, new Vector<double>(-1.90821492927058770002e-10), r);
            Vector<double> series = Vector<double>.One;
            for (int term = Inverses.Length; term >= 1; term--)
            {
                // r/term without the slow division: a guess, what it leaves, and that shared out. What is left is a few units of the
                // guess's last place and exact, since terms have four bits; and no quotient by so small a number lies so near the
                // middle between two others that the last rounding could err.
                var inverse = new Vector<double>(Inverses[term - 1]);
                Vector<double> guess = r * inverse;
                Vector<double> left = Vector.FusedMultiplyAdd(guess, new Vector<double>(-term), r);
                series = Vector.FusedMultiplyAdd(series, Vector.FusedMultiplyAdd(left, inverse, guess), Vector<double>.One);
            }
            series *= Vector.AsVectorDouble((Vector.ConvertToInt64(n) + new Vector<long>(1023)) << 52);
            series = Vector.ConditionalSelect(Vector.GreaterThan(x, new Vector<double>(709)), new Vector<double>(double.PositiveInfinity), series);
            series = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, new Vector<double>(-708)), series, Vector<double>.Zero);
            Vector.ConditionalSelect(Vector.Equals(x, x), series, x).CopyTo(values[at..]);
        }
        for (; at < values.Length; at++)
            values[at] = Exp(values[at]);
    }

    private static ReadOnlySpan<double> Inverses =>
        [1.0, 1.0 / 2, 1.0 / 3, 1.0 / 4, 1.0 / 5, 1.0 / 6, 1.0 / 7, 1.0 / 8, 1.0 / 9, 1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13];

    /// <summary>xᵖ = e^(p·ln x) for x ≥ 0 and p &gt; 0; the relative error is that of p·ln x, which grows with its size.</summary>
    public static double Power(double x, double exponent) => Exp(exponent * Log(x));
}
