using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>Made-up numbers, and the matrices that hold them.</summary>
internal static class BenchmarkData
{
    /// <summary>Numbers between −scale and scale; the same at every call.</summary>
    public static void Fill(Span<float> values, float scale = 0.1f)
    {
        var random = new RandomStream(1, RandomPurpose.InitialWeights, (ulong)values.Length);
        for (int i = 0; i < values.Length; i++)
            values[i] = scale * (float)(2 * random.Uniform((ulong)i) - 1);
    }

    /// <summary>A padded matrix of such numbers, zero in its padding.</summary>
    public static Matrix Matrix(int rows, int columns, List<IDisposable> owned, float scale = 0.1f)
    {
        Matrix matrix = Kernels.Matrix.Allocate(rows, columns, owned);
        for (int row = 0; row < rows; row++)
            Fill(matrix.RowSpan(row), scale);
        return matrix;
    }

    /// <summary>A packed matrix of such numbers.</summary>
    public static PackedMatrix Packed(int rows, int columns, List<IDisposable> owned)
    {
        var unpacked = new List<IDisposable>();
        var packed = new PackedMatrix(rows, columns);
        packed.Pack(Matrix(rows, columns, unpacked), 0, 1);
        unpacked.ForEach(item => item.Dispose());
        owned.Add(packed);
        return packed;
    }
}
