namespace Unroll.Compression;

/// <summary>How often each byte has come, the latest counting most: what bytes that no token says are coded by.</summary>
internal sealed class AdaptiveBytes
{
    private const int Step = 24;
    private const int Most = 1 << 13;

    private readonly int[] counts = new int[256];
    private int total = 256;

    public AdaptiveBytes() => Array.Fill(counts, 1);

    /// <summary>Writes a byte.</summary>
    public void Encode(RangeEncoder encoder, byte value)
    {
        int start = 0;
        for (int i = 0; i < value; i++)
            start += counts[i];
        encoder.Encode((ulong)start, (ulong)counts[value], (ulong)total);
        Learn(value);
    }

    /// <summary>Reads one.</summary>
    public byte Decode(RangeDecoder decoder)
    {
        int place = (int)decoder.Find((ulong)total), start = 0, value = 0;
        while (start + counts[value] <= place)
            start += counts[value++];
        decoder.Take((ulong)start, (ulong)counts[value], (ulong)total);
        Learn((byte)value);
        return (byte)value;
    }

    private void Learn(byte value)
    {
        counts[value] += Step;
        total += Step;
        if (total <= Most)
            return;
        total = 0;
        foreach (ref int count in counts.AsSpan())
        {
            count -= count >> 1;
            total += count;
        }
    }
}
