// The sum of squares of a long row of numbers, the same to the bit on any machine: sixteen running sums in double,
// element i to sum i mod 16, added up pairwise at the end. A square of a float is exact in double, so it does not
// matter whether a processor fuses the addition. Refuses to know what a gradient is.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

internal static class GradientNorm
{
    private const int Sums = 16;

    /// <summary>Σ x² in double; not finite if and only if an element is not.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        Vector128<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        int whole = values.Length - values.Length % Sums;
        for (int i = 0; i < whole; i += Sums)
        {
            (s0, s1) = Add(s0, s1, Vector128.LoadUnsafe(ref first, (nuint)i));
            (s2, s3) = Add(s2, s3, Vector128.LoadUnsafe(ref first, (nuint)i + 4));
            (s4, s5) = Add(s4, s5, Vector128.LoadUnsafe(ref first, (nuint)i + 8));
            (s6, s7) = Add(s6, s7, Vector128.LoadUnsafe(ref first, (nuint)i + 12));
        }
        if (whole < values.Length)
        {
            Span<float> rest = stackalloc float[Sums];
            rest.Clear();
            values[whole..].CopyTo(rest);
            (s0, s1) = Add(s0, s1, Vector128.Create(rest));
            (s2, s3) = Add(s2, s3, Vector128.Create(rest[4..]));
            (s4, s5) = Add(s4, s5, Vector128.Create(rest[8..]));
            (s6, s7) = Add(s6, s7, Vector128.Create(rest[12..]));
        }
        Vector128<double> sum = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
        return sum.GetElement(0) + sum.GetElement(1);
    }

    private static (Vector128<double>, Vector128<double>) Add(Vector128<double> low, Vector128<double> high, Vector128<float> x)
    {
        (Vector128<double> a, Vector128<double> b) = Vector128.Widen(x);
        return (low + a * a, high + b * b);
    }
}
