// The sum of squares of a long row of numbers, the same to the bit on any machine: blocks of 4096 numbers, added up one after
// another, so that threads can share them. In a block sixteen running sums in double, element i to sum i mod 16, added up in one
// fixed tree at the end. A square of a float is exact in double, so it does not matter whether it is fused with the addition.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

/// <summary>The Euclidean norm of a gradient.</summary>
internal static unsafe class GradientNorm
{
    private const int Sums = 16;

    /// <summary>Numbers of a block; the last of a row may have fewer.</summary>
    private const int Block = 4096;

    /// <summary>How many blocks a row of numbers has.</summary>
    public static int Blocks(int length) => (int)(((long)length + Block - 1) / Block);

    /// <summary>The sums of squares of this part's blocks.</summary>
    /// <param name="values">The whole row.</param>
    /// <param name="sums">One for each block.</param>
    public static void SumBlocks(ReadOnlySpan<float> values, Span<double> sums, int part, int parts)
    {
        (int start, int end) = Share.Of(sums.Length, parts, part);
        for (int block = start; block < end; block++)
            sums[block] = SumOfSquares(values.Slice(block * Block, Math.Min(Block, values.Length - block * Block)));
    }

    /// <summary>Σ over the blocks, in their order; not finite if an element is not.</summary>
    public static double Sum(ReadOnlySpan<double> sums)
    {
        double sum = 0;
        foreach (double block in sums)
            sum += block;
        return sum;
    }

    /// <summary>Σ x² of one block, in double; not finite if and only if an element is not.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        Vector128<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        float* rest = stackalloc float[Sums];
        int whole = values.Length - values.Length % Sums;
        new Span<float>(rest, Sums).Clear();
        values[whole..].CopyTo(new Span<float>(rest, Sums));
        fixed (float* start = values)
        {
            for (int i = 0; i <= whole; i += Sums)
            {
                float* x = i < whole ? start + i : rest;
                Add(x, ref s0, ref s1);
                Add(x + 4, ref s2, ref s3);
                Add(x + 8, ref s4, ref s5);
                Add(x + 12, ref s6, ref s7);
            }
        }
        Vector128<double> sum = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
        return sum.GetElement(0) + sum.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* x, ref Vector128<double> low, ref Vector128<double> high)
    {
        (Vector128<double> a, Vector128<double> b) = Vector128.Widen(Vector128.Load(x));
        low += a * a;
        high += b * b;
    }
}
