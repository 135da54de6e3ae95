using CsCheck;
using Unroll.Compression;
using Xunit;

namespace Unroll.Tests.Compression;

/// <summary>The coder alone: what is written is read, in as many bits as it should take.</summary>
public class RangeCoderTests
{
    private static readonly Gen<(uint[] Frequencies, int[] Symbols)> Messages =
        from frequencies in Gen.OneOf(Gen.UInt[1, 3], Gen.UInt[1, 1 << 24], Gen.Const(1u << 28)).Array[1, 6]
        from symbols in Gen.Int[0, frequencies.Length - 1].Array[0, 300]
        select (frequencies, symbols);

    [Fact]
    public void What_is_written_is_read() => Messages.Sample(message =>
    {
        byte[] bytes = Write(message.Frequencies, message.Symbols);
        Assert.Equal(message.Symbols, Read(message.Frequencies, bytes, message.Symbols.Length));
        // A byte more than the information at most, and no zero at the end.
        double total = message.Frequencies.Sum(frequency => (double)frequency);
        double bits = message.Symbols.Sum(symbol => -Math.Log2(message.Frequencies[symbol] / total));
        Assert.True(bytes.Length <= bits / 8 + 1 + 1e-4 * message.Symbols.Length, $"{bytes.Length} bytes for {bits} bits");
        Assert.True(bytes is not [.., 0]);
    }, iter: 2_000);

    [Fact]
    public void A_carry_runs_through_all_bytes_before_it()
    {
        // The interval's lower end comes as near to the next power as it can, and then goes over it.
        uint[] frequencies = [uint.MaxValue - 8, 4, 1];
        int[] symbols = [1, .. Enumerable.Repeat(2, 200), 0, 2, 2, 1, 0, 0];
        Assert.Equal(symbols, Read(frequencies, Write(frequencies, symbols), symbols.Length));
    }

    [Fact]
    public void Any_bytes_can_be_read() => Gen.Select(Gen.Byte.Array[0, 40], Gen.UInt[1, 1 << 24].Array[1, 6]).Sample((bytes, frequencies) =>
        Assert.All(Read(frequencies, bytes, 100), symbol => Assert.InRange(symbol, 0, frequencies.Length - 1)), iter: 500);

    [Fact]
    public void Bytes_and_bits_that_adapt_come_back_and_get_cheap()
    {
        var encoder = new RangeEncoder();
        var bytes = new AdaptiveBytes();
        var bit = new AdaptiveBit(AdaptiveBit.One / 2);
        byte[] text = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i % 5 == 0 ? i : 200))];
        foreach (byte value in text)
        {
            bytes.Encode(encoder, value);
            bit.Encode(encoder, value == 200);
        }
        byte[] message = encoder.Finish();
        Assert.InRange(message.Length, 1000, 1500); // 1,152 would do who knew beforehand
        var decoder = new RangeDecoder(message);
        (bytes, bit) = (new AdaptiveBytes(), new AdaptiveBit(AdaptiveBit.One / 2));
        foreach (byte value in text)
        {
            Assert.Equal(value, bytes.Decode(decoder));
            Assert.Equal(value == 200, bit.Decode(decoder));
        }
    }

    private static byte[] Write(uint[] frequencies, int[] symbols)
    {
        var encoder = new RangeEncoder();
        foreach (int symbol in symbols)
            encoder.Encode(Sum(frequencies[..symbol]), frequencies[symbol], Sum(frequencies));
        return encoder.Finish();
    }

    private static int[] Read(uint[] frequencies, byte[] bytes, int count)
    {
        var decoder = new RangeDecoder(bytes);
        int[] symbols = new int[count];
        foreach (ref int symbol in symbols.AsSpan())
        {
            ulong place = decoder.Find(Sum(frequencies));
            while (Sum(frequencies[..(symbol + 1)]) <= place)
                symbol++;
            decoder.Take(Sum(frequencies[..symbol]), frequencies[symbol], Sum(frequencies));
        }
        return symbols;
    }

    private static ulong Sum(uint[] frequencies) => frequencies.Aggregate(0UL, (sum, frequency) => sum + frequency);
}
