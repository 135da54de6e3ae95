using System.Text;
using Unroll.Compression;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Compression;

/// <summary>What was compressed, damaged: a sentence says so.</summary>
public class DamageTests
{
    private static readonly LanguageModel Model = CompressionModels.Find("characters");
    private static readonly byte[] Line = Encoding.UTF8.GetBytes("some letters to be known\n");
    private static readonly byte[] Lines = Encoding.UTF8.GetBytes("some letters\r\nto be known é\n\xff");
    private static readonly byte[] Long = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text, 41)));

    [Fact]
    [Slow]
    public void Ten_thousand_damaged_ones_are_refused()
    {
        using var compressor = new TextCompressor(Model, new CompressionOptions { Segments = 2, Threads = 1 });
        byte[][] whole = [compressor.Compress(Line), compressor.Compress(Lines), compressor.Compress([])];
        byte[][] large = [compressor.Compress(Long), compressor.Compress(CarriageReturns.Restored(Long))];
        var random = new Random(1);
        // Short ones go side by side; of the long one, which takes longer, fewer.
        byte[][] damaged = [.. Enumerable.Range(0, 10_000).Select(i => Damage(i % 200 == 0 ? large[i / 200 % 2] : whole[i % whole.Length], random))];
        IReadOnlyList<(byte[]? Bytes, CompressedTextException? Fault)> results = compressor.ExpandEach(damaged, TestContext.Current.CancellationToken);
        for (int i = 0; i < damaged.Length; i++)
        {
            Assert.True(results[i].Bytes is null, $"{i}: {Convert.ToHexString(damaged[i])} became {Convert.ToHexString(results[i].Bytes ?? [])}");
            Assert.Matches(@"^The compressed text (is|was|goes) [^\n]*\.$", results[i].Fault!.Message);
        }
        Assert.True(results.Select(result => result.Fault!.Message).Distinct().Count() > 5);
    }

    [Fact]
    public void Every_byte_counts()
    {
        using var compressor = new TextCompressor(Model, new CompressionOptions { Segments = 2, Threads = 1 });
        foreach (byte[] content in (byte[][])[Line, Lines, []])
        {
            byte[] whole = compressor.Compress(content);
            var damaged = new List<byte[]>();
            for (int i = 0; i < 8 * whole.Length; i++)
            {
                byte[] changed = [.. whole];
                changed[i / 8] ^= (byte)(1 << i % 8);
                damaged.Add(changed);
            }
            damaged.AddRange(Enumerable.Range(0, whole.Length).Select(length => whole[..length]));
            damaged.AddRange(Enumerable.Range(0, 256).Select(value => (byte[])[.. whole, (byte)value]));
            Assert.All(compressor.ExpandEach(damaged, TestContext.Current.CancellationToken), result => Assert.True(result is (null, not null)));
        }
    }

    [Fact]
    public void It_says_what_is_wrong()
    {
        using var compressor = new TextCompressor(Model, new CompressionOptions { Threads = 1 });
        byte[] small = compressor.Compress(Line), large = compressor.Compress(Long);
        Says("is empty", []);
        Says("is nothing that Unroll has compressed", Long);
        Says("is nothing that Unroll has compressed", [0xC1, .. Long]);
        Says("is cut short", large[..^1]);
        Says("is cut short", large[..^9]);
        Says("is cut short", large[..10]);
        Says("is cut short", small[..2]);
        Says("goes on after its end: something was added to it", [.. large, 0]);
        Says("is of version 3, and this program knows versions 1 and 2 only", [.. large[..4], 3, .. large[5..]]);
        Says("is damaged", [.. large[..4], 2, .. large[5..]]);
        Says("is damaged", [.. large[..^1], (byte)(large[^1] ^ 1)]);
        Says("is damaged", [.. large[..5], 2, .. large[6..]]);
        Says("is damaged, or something was added to it", [.. small, .. new byte[40_000]]);

        void Says(string what, byte[] bytes) => Assert.Equal($"The compressed text {what}.", Assert.Throws<CompressedTextException>(() => compressor.Expand(bytes)).Message);
    }

    [Fact]
    public void Another_model_s_is_refused()
    {
        using var compressor = new TextCompressor(Model);
        byte[] small = compressor.Compress(Line), large = compressor.Compress(Long);
        foreach (string name in (string[])["bytes", "lines", "a memory", "several networks"])
        {
            LanguageModel other = CompressionModels.Find(name);
            using var foreign = new TextCompressor(other);
            string message = Assert.Throws<CompressedTextException>(() => foreign.Expand(large)).Message;
            Assert.Equal($"The compressed text was compressed with another model: its fingerprint begins with {Model.Fingerprint()[..16]}, this one's with {other.Fingerprint()[..16]}.", message);
            Assert.Contains("another model", Assert.Throws<CompressedTextException>(() => foreign.Expand(small)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_head_that_lies_takes_no_memory()
    {
        // Whoever forges a head knows its check, too; what follows is not there.
        using var compressor = new TextCompressor(Model, new CompressionOptions { Threads = 1 });
        byte[] start = compressor.Compress(Long)[..14];
        byte[] head = [0x80, 0x80, 0x80, 0x08, 0x80, 0x80, 0x80, 0x08, 1, 0xFF, 0xFF, 0xFF, 0x3F]; // 16 MiB of text, as many tokens, 128 MiB of segment
        byte[] forged = [.. start, .. head, .. System.Security.Cryptography.SHA256.HashData(head).AsSpan(0, 4), .. new byte[100]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("The compressed text is cut short.", Assert.Throws<CompressedTextException>(() => compressor.Expand(forged)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 22);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        List<byte> bytes = [.. whole];
        do
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 4:
                    bytes.AddRange(bytes.Slice(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        while (bytes.Count > 0 && (random.Next(3) == 0 || bytes.SequenceEqual(whole)));
        return [.. bytes];
    }
}
