// Range coding (Martin 1979): arithmetic coding in whole numbers, a byte at a time. A message is an interval of [0, 2^56), narrowed by
// each symbol to its share; bytes that no longer change go out. Any bytes that lie in the last interval tell all symbols.
namespace Unroll.Compression;

/// <summary>Writes symbols in as many bits as their shares of the totals say.</summary>
internal sealed class RangeEncoder
{
    /// <summary>Bits of the interval's ends.</summary>
    public const int Bits = 56;

    /// <summary>The least range before a symbol: with totals below 2^32, shares are exact to one part in 2^16 at worst.</summary>
    public const ulong Least = 1UL << (Bits - 8);

    private const ulong Whole = 1UL << Bits;

    private readonly List<byte> bytes = [];
    private ulong low;
    private ulong range = Whole;

    /// <summary>Writes a symbol.</summary>
    /// <param name="start">The frequencies of the symbols before it.</param>
    /// <param name="frequency">Its own, at least 1.</param>
    /// <param name="total">All frequencies, below 2^32.</param>
    public void Encode(ulong start, ulong frequency, ulong total)
    {
        ulong unit = range / total;
        low += unit * start;
        range = start + frequency == total ? range - unit * start : unit * frequency; // the last one takes what division left
        if (low >= Whole)
            Carry();
        for (; range < Least; range <<= 8)
            Shift();
    }

    /// <summary>Ends the message.</summary>
    /// <returns>Its bytes, as few as there can be: zeros at their end are left out, and the decoder reads them all the same.</returns>
    public byte[] Finish()
    {
        // The number in the interval that ends in most zeros.
        ulong last = low + range - 1;
        int zeros = Bits;
        while (((low + (1UL << zeros) - 1) >> zeros << zeros) > last)
            zeros--;
        low = (low + (1UL << zeros) - 1) >> zeros << zeros;
        if (low >= Whole)
            Carry();
        while (low != 0)
            Shift();
        while (bytes.Count > 0 && bytes[^1] == 0)
            bytes.RemoveAt(bytes.Count - 1);
        return [.. bytes];
    }

    private void Shift()
    {
        bytes.Add((byte)(low >> (Bits - 8)));
        low = (low << 8) & (Whole - 1);
    }

    private void Carry()
    {
        low -= Whole;
        int i = bytes.Count - 1;
        while (++bytes[i] == 0)
            i--;
    }
}
