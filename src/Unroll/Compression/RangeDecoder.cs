namespace Unroll.Compression;

/// <summary>Reads what a <see cref="RangeEncoder"/> has written. Any bytes at all can be read; what comes of them is another matter.</summary>
/// <param name="bytes">The message; zeros follow it without end.</param>
internal sealed class RangeDecoder(ReadOnlyMemory<byte> bytes)
{
    private int position = -1; // before the first byte is read
    private ulong code; // the message's distance from the interval's lower end
    private ulong range = 1UL << RangeEncoder.Bits;
    private ulong unit; // of the symbol that is being read

    /// <summary>Where the next symbol's frequencies lie.</summary>
    /// <param name="total">All frequencies, below 2^32.</param>
    /// <returns>A number from the frequencies of the symbols before it to those with its own; less than the total.</returns>
    public ulong Find(ulong total)
    {
        if (position < 0)
            Begin();
        unit = range / total;
        return Math.Min(code / unit, total - 1);
    }

    /// <summary>Goes on to the next symbol.</summary>
    /// <inheritdoc cref="RangeEncoder.Encode"/>
    public void Take(ulong start, ulong frequency, ulong total)
    {
        code -= unit * start;
        range = start + frequency == total ? range - unit * start : unit * frequency;
        for (; range < RangeEncoder.Least; range <<= 8)
            code = (code << 8) | Next();
    }

    private void Begin()
    {
        position = 0;
        for (int i = 0; i < RangeEncoder.Bits; i += 8)
            code = (code << 8) | Next();
    }

    private byte Next() => position < bytes.Length ? bytes.Span[position++] : (byte)0;
}
