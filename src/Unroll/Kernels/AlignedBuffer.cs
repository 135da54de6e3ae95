using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>Zeroed floats outside the garbage collector's heap, on a 64-byte boundary (a cache line, the widest vector).</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private float* pointer;

    public AlignedBuffer(long length)
    {
        Length = length;
        nuint bytes = (nuint)Math.Max(length, 16) * sizeof(float);
        pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(pointer, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    ~AlignedBuffer() => Free();

    public long Length { get; }

    /// <summary>A matrix inside the buffer.</summary>
    public Matrix View(long offset, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (long)rows * stride, Length);
        return new(pointer + offset, rows, columns, stride);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (pointer is null)
            return;
        NativeMemory.AlignedFree(pointer);
        GC.RemoveMemoryPressure(Math.Max(Length, 16) * sizeof(float));
        pointer = null;
    }
}
