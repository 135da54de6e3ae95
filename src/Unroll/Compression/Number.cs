namespace Unroll.Compression;

/// <summary>Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, and a bit that says that more follow.</summary>
internal static class Number
{
    /// <summary>The most bytes of one.</summary>
    public const int MostBytes = 5;

    /// <summary>Writes a number.</summary>
    public static void Write(List<byte> bytes, int value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    /// <summary>Reads one.</summary>
    /// <param name="next">Gives the next byte.</param>
    /// <exception cref="CompressedTextException">It is longer than any that is written.</exception>
    public static int Read(Func<byte> next)
    {
        long value = 0;
        for (int i = 0; i < MostBytes; i++)
        {
            byte part = next();
            value |= (long)(part & 0x7F) << (7 * i);
            if (part < 0x80)
                return value <= int.MaxValue && (part > 0 || i == 0) ? (int)value : throw new CompressedTextException("is damaged");
        }
        throw new CompressedTextException("is damaged");
    }
}
