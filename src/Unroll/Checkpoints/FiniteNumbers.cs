using System.Numerics;
using System.Runtime.InteropServices;
using Unroll.Options;

namespace Unroll.Checkpoints;

/// <summary>Checks that a model file has neither NaN nor infinity in it: such a model predicts nothing.</summary>
internal static class FiniteNumbers
{
    /// <summary>Checks a tensor or a part of it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">Its numbers.</param>
    /// <exception cref="UnusableFileException">One is not finite.</exception>
    public static void Check(string name, ReadOnlySpan<float> values)
    {
        if (!Are(values))
            throw new UnusableFileException($"the tensor {Quoted.Text(name)} holds NaN or infinity");
    }

    /// <summary>Whether all numbers are finite.</summary>
    public static bool Are(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        bool finite = true;
        // x − x is zero for every finite x and NaN for the others.
        foreach (Vector<float> vector in vectors)
            finite &= Vector.EqualsAll(vector - vector, Vector<float>.Zero);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            finite &= float.IsFinite(value);
        return finite;
    }
}
