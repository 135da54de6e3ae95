namespace Unroll.Checkpoints;

/// <summary>One tensor of a safetensors file: numbers, little-endian, row-major.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where they end.</param>
/// <param name="Type">How the numbers are kept.</param>
internal sealed record SafetensorsTensor(string Name, IReadOnlyList<long> Shape, long Begin, long End, NumberType Type = NumberType.F32)
{
    /// <summary>Bytes of one number.</summary>
    public int ElementSize => SizeOf(Type);

    /// <summary>Whether the numbers are whole.</summary>
    public bool IsWhole => Type is NumberType.I32 or NumberType.U8 or NumberType.U16;

    /// <summary>The number of elements.</summary>
    public long Count => (End - Begin) / ElementSize;

    /// <summary>Bytes of one number of a type.</summary>
    public static int SizeOf(NumberType type) => type switch
    {
        NumberType.F32 or NumberType.I32 => sizeof(float),
        NumberType.U8 => sizeof(byte),
        _ => sizeof(ushort),
    };
}
