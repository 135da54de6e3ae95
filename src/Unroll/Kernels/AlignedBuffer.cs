using System.Runtime.InteropServices;

namespace Unroll.Kernels;

/// <summary>Zeroed floats outside the garbage collector's heap, on a 64-byte boundary (a cache line, the widest vector).</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>Floats after the end that may be read, because kernels read whole vectors.</summary>
    private const int Slack = 16;

    private float* pointer;

    [ThreadStatic]
    private static long takenByThisThread;

    public AlignedBuffer(long length)
    {
        Length = length;
        nuint bytes = checked((nuint)(length + Slack) * sizeof(float));
        pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(pointer, bytes);
        GC.AddMemoryPressure((long)bytes);
        TakenByThisThread += (long)bytes;
    }

    ~AlignedBuffer() => Free();

    public long Length { get; }

    /// <summary>Bytes of all buffers that the calling thread has ever made.</summary>
    public static long TakenByThisThread
    {
        get => takenByThisThread;
        private set => takenByThisThread = value;
    }

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
        GC.RemoveMemoryPressure((Length + Slack) * sizeof(float));
        pointer = null;
    }
}
