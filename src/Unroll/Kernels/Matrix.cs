using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>A view of floats as rows; row r starts at r·<see cref="Stride"/>. Owns nothing.</summary>
internal readonly unsafe struct Matrix(float* pointer, int rows, int columns, int stride)
{
    /// <summary>Rows of padded matrices start on cache lines, and products may write whole tiles of 32 columns.</summary>
    private const int ColumnBlock = 32;

    public readonly float* Pointer = pointer;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public int Stride { get; } = stride;

    public bool IsEmpty => Pointer is null;

    /// <summary>A stride for a matrix that kernels write: whole tiles, and never a multiple of a page, so that the rows
    /// of one tile do not all fall on the same cache set.</summary>
    public static int PaddedStride(int columns)
    {
        int stride = (columns + ColumnBlock - 1) / ColumnBlock * ColumnBlock;
        return stride % 256 == 0 ? stride + 16 : stride;
    }

    /// <summary>A zeroed, padded matrix of its own; who allocates it disposes of what is added to <paramref name="owned"/>.</summary>
    public static Matrix Allocate(int rows, int columns, List<IDisposable> owned)
    {
        int stride = PaddedStride(columns);
        var buffer = new AlignedBuffer((long)rows * stride);
        owned.Add(buffer);
        return buffer.View(0, rows, columns, stride);
    }

    /// <summary>A part of a pinned array.</summary>
    public static Matrix OfPinned(float[] array, long offset, int rows, int columns) =>
        new((float*)Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) + offset, rows, columns, columns);

    /// <summary>Some of the rows.</summary>
    public Matrix Slice(int firstRow, int count) => new(Row(firstRow), count, Columns, Stride);

    /// <summary>Some of the columns.</summary>
    public Matrix SliceColumns(int firstColumn, int count) => new(Pointer + firstColumn, Rows, count, Stride);

    /// <summary>The elements of one row as a column.</summary>
    public Matrix AsColumn() => new(Pointer, Columns, 1, 1);

    public float* Row(int row) => Pointer + (nint)row * Stride;

    /// <summary>One row as a span.</summary>
    public Span<float> RowSpan(int row) => new(Row(row), Columns);

    /// <summary>Everything, padding included.</summary>
    public Span<float> Storage => new(Pointer, checked(Rows * Stride));

    /// <summary>Sets everything to zero, padding included.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Rows * (nuint)Stride * sizeof(float));
}
