// A memory's arrays as tensors, all vectors, and back. What is in them is Counts' business.
using System.Runtime.InteropServices;
using Unroll.Counts;

namespace Unroll.Checkpoints;

/// <summary>The tensors of a memory of counts.</summary>
internal static class MemoryTensors
{
    /// <summary>What precedes their names.</summary>
    public const string Prefix = "memory.";

    /// <summary>A memory's arrays by the names of their tensors, in the order in which they are written: the text last, and that
    /// after all other tensors of the file, since readers want numbers of four bytes to begin at multiples of four.</summary>
    public static IEnumerable<(string Name, Array Values)> Of(CountMemory memory)
    {
        IReadOnlyDictionary<string, Array> arrays = CountTensors.Of(memory);
        return CountTensors.Names.Select(name => (Prefix + name, arrays[name]));
    }

    /// <summary>How an array's numbers are kept.</summary>
    public static NumberType TypeOf(Array values) => values switch
    {
        byte[] => NumberType.U8,
        ushort[] => NumberType.U16,
        int[] => NumberType.I32,
        _ => NumberType.F32,
    };

    /// <summary>An array for a tensor's numbers.</summary>
    /// <exception cref="UnusableFileException">No memory has such a tensor.</exception>
    public static Array ArrayFor(SafetensorsTensor tensor)
    {
        if (tensor.Shape.Count != 1 || tensor.Count > CountMemory.MaxTokens)
            throw new UnusableFileException($"the tensor \"{tensor.Name}\" is not a vector, or is too long");
        return tensor.Type switch
        {
            NumberType.U8 => new byte[tensor.Count],
            NumberType.U16 => new ushort[tensor.Count],
            NumberType.I32 => new int[tensor.Count],
            NumberType.F32 => new float[tensor.Count],
            _ => throw new UnusableFileException($"the tensor \"{tensor.Name}\" has the dtype \"{tensor.Type}\", as no memory's has"),
        };
    }

    /// <summary>An array's bytes, little-endian.</summary>
    public static Span<byte> Bytes(Array values) => values switch
    {
        byte[] bytes => bytes,
        ushort[] shorts => MemoryMarshal.AsBytes(shorts.AsSpan()),
        int[] ints => MemoryMarshal.AsBytes(ints.AsSpan()),
        _ => MemoryMarshal.AsBytes(((float[])values).AsSpan()),
    };
}
