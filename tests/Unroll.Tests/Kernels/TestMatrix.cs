using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

/// <summary>Matrices for the kernels' tests, with their memory.</summary>
internal sealed class TestMatrix : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly List<float[]> kept = [];

    /// <summary>A padded matrix of uniform random numbers in ±1; equal seeds give equal numbers.</summary>
    public Matrix Random(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        Matrix matrix = Matrix.Allocate(rows, columns, owned);
        for (int row = 0; row < rows; row++)
            foreach (ref float value in matrix.RowSpan(row))
                value = (float)(random.NextDouble() * 2 - 1);
        return matrix;
    }

    public Matrix Copy(Matrix source)
    {
        Matrix copy = Matrix.Allocate(source.Rows, source.Columns, owned);
        for (int row = 0; row < source.Rows; row++)
            source.RowSpan(row).CopyTo(copy.RowSpan(row));
        return copy;
    }

    /// <summary>A matrix whose rows lie one after another, as parameters and their gradients do.</summary>
    public Matrix Unpadded(int rows, int columns, float fill)
    {
        float[] storage = GC.AllocateArray<float>(rows * columns + 1, pinned: true);
        kept.Add(storage);
        Array.Fill(storage, fill);
        return Matrix.OfPinned(storage, 0, rows, columns);
    }

    public PackedMatrix Packed(Matrix source) => Packed(source, []);

    public PackedMatrix Packed(Matrix source, ReadOnlySpan<int> order)
    {
        var packed = new PackedMatrix(source.Rows, source.Columns);
        owned.Add(packed);
        for (int part = 0; part < 3; part++)
            packed.Pack(source, order, part, 3);
        return packed;
    }

    public PackedMatrix PackedTranspose(Matrix source)
    {
        var packed = new PackedMatrix(source.Columns, source.Rows);
        owned.Add(packed);
        for (int part = 0; part < 2; part++)
            packed.PackTransposed(source, part, 2);
        return packed;
    }

    public Matrix Scratch(int length) => Matrix.Allocate(1, length, owned);

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
