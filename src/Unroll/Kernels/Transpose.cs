using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels;

/// <summary>Transposition, four by four in registers.</summary>
internal static unsafe class Transpose
{
    /// <summary>target[k, n] = source[n, k], for all n and k of the source.</summary>
    /// <param name="target">Row k is at k·<paramref name="targetStride"/>.</param>
    public static void Into(float* target, int targetStride, Matrix source)
    {
        int n = 0;
        for (; n + 4 <= source.Rows; n += 4)
        {
            int k = 0;
            for (; k + 4 <= source.Columns; k += 4)
                Block(source.Row(n) + k, source.Stride, target + (nint)k * targetStride + n, targetStride);
            for (; k < source.Columns; k++)
                for (int row = n; row < n + 4; row++)
                    target[(nint)k * targetStride + row] = source.Row(row)[k];
        }
        for (; n < source.Rows; n++)
            for (int k = 0; k < source.Columns; k++)
                target[(nint)k * targetStride + n] = source.Row(n)[k];
    }

    /// <summary>target[column, row] = source[row, column], for some of the columns.</summary>
    public static void Columns(Matrix source, int start, int end, Matrix target) =>
        Into(target.Row(start), target.Stride, new Matrix(source.Pointer + start, source.Rows, end - start, source.Stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + 2 * sourceStride), d = Vector128.Load(source + 3 * sourceStride);
        // Pairs of rows interleaved: a0 c0 a1 c1 | a2 c2 a3 c3, likewise b and d; then those with each other.
        Vector128<float> acLow = Interleave(a, c, 0), acHigh = Interleave(a, c, 2);
        Vector128<float> bdLow = Interleave(b, d, 0), bdHigh = Interleave(b, d, 2);
        Interleave(acLow, bdLow, 0).Store(target);
        Interleave(acLow, bdLow, 2).Store(target + targetStride);
        Interleave(acHigh, bdHigh, 0).Store(target + 2 * targetStride);
        Interleave(acHigh, bdHigh, 2).Store(target + 3 * targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> x, Vector128<float> y, int half)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
            return half == 0 ? System.Runtime.Intrinsics.X86.Sse.UnpackLow(x, y) : System.Runtime.Intrinsics.X86.Sse.UnpackHigh(x, y);
        if (System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported)
            return half == 0 ? System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipLow(x, y) : System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.ZipHigh(x, y);
        return Vector128.Create(x[half], y[half], x[half + 1], y[half + 1]);
    }
}
