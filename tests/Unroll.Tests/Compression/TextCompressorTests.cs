using System.Text;
using CsCheck;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Compression;

/// <summary>Whatever is compressed comes back, to the byte, from any model; what a model knows gets small.</summary>
public class TextCompressorTests
{
    // Text that the models know, other text, bytes that are no text, line ends of all sorts, and these in any order.
    private static readonly Gen<byte[]> Piece = Gen.OneOf(
        Gen.Int[0, Models.Text.Length].Select(length => Encoding.UTF8.GetBytes(Models.Text[..length])),
        Gen.String.Select(Encoding.UTF8.GetBytes),
        Gen.Byte.Array[0, 20],
        Gen.OneOf("\n", "\r\n", "\n\n", "é", "漢字", "😀", "\u0000", "\ufeff", "<unk>", "<end>", "<0x41>", "THE ", "don't", "unknownword").Select(Encoding.UTF8.GetBytes),
        Gen.OneOf("C3", "E282", "EDA080", "F0908080", "FFFE", "C080", "F5").Select(Convert.FromHexString));

    private static readonly Gen<byte[]> Content = Piece.Array[0, 6].Select(pieces => pieces.SelectMany(bytes => bytes).ToArray());

    public static TheoryData<string> Kinds => [.. CompressionModels.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_bytes_come_back(string kind)
    {
        using var compressor = new TextCompressor(CompressionModels.Find(kind), new CompressionOptions { Threads = 1 });
        using var other = new TextCompressor(CompressionModels.Find(kind), new CompressionOptions { Threads = 2 });
        Content.Sample(content => Assert.Equal(content, other.Expand(compressor.Compress(content))), iter: 60, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Who_reads_along_reads_the_same_both_ways(string kind)
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text, 20)));
        using var adapting = new TextCompressor(CompressionModels.Find(kind), new CompressionOptions { Adapt = true });
        using var plain = new TextCompressor(CompressionModels.Find(kind), new CompressionOptions { Segments = 1 });
        byte[] compressed = adapting.Compress(content);
        Assert.Equal(content, plain.Expand(compressed));
        Assert.Equal(compressed, adapting.Compress(content)); // nothing is left of the first time
        Assert.True(compressed.Length < 0.95 * plain.Compress(content).Length, "what comes again and again must be learnt");
        byte[] line = Encoding.UTF8.GetBytes(Models.Text[..40]);
        Assert.Equal(line, plain.Expand(adapting.Compress(line)));
        Assert.Equal([line, content, line], adapting.Expand(adapting.Compress([line, content, line])));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_threads_and_company_change_nothing(string kind)
    {
        LanguageModel model = CompressionModels.Find(kind);
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text + "and é and 漢\r\n", 40)));
        using var one = new TextCompressor(model, new CompressionOptions { Threads = 1 });
        foreach (int segments in (int[])[3, 300])
        {
            byte[]? first = null;
            foreach (int threads in (int[])[1, 2])
            {
                using var compressor = new TextCompressor(model, new CompressionOptions { Segments = segments, Threads = threads });
                byte[] compressed = compressor.Compress(content);
                Assert.Equal(first ??= compressed, compressed);
            }
            Assert.Equal(content, one.Expand(first!));
        }
        // Beside others, alone, in a stream.
        byte[][] all = [.. Enumerable.Range(0, 20).Select(i => content[..(i * i / 2)]), content];
        byte[][] together = [.. one.Compress(all)];
        Assert.Equal(all.Select(bytes => one.Compress(bytes)), together);
        Assert.Equal(all, one.Expand(together));
        var output = new MemoryStream();
        CompressionResult result = one.Compress(new Trickle(content), output);
        Assert.Equal(together[^1], output.ToArray());
        Assert.Equal((content.Length, output.Length), (result.Bytes, result.CompressedBytes));
        var back = new MemoryStream();
        Assert.Equal(content.Length, one.Expand(new Trickle(output.ToArray()), back));
        Assert.Equal(content, back.ToArray());
    }

    [Fact]
    public void A_text_takes_the_bits_that_its_tokens_cost_the_model()
    {
        LanguageModel model = CompressionModels.Find("several networks and a memory");
        string text = string.Concat(Enumerable.Repeat(Models.Text, 50));
        using var scorer = new TextScorer(model);
        using var compressor = new TextCompressor(model, new CompressionOptions { Segments = 1 });
        double bytes = scorer.Score(text).TotalLoss / Math.Log(2) / 8;
        Assert.InRange(compressor.Compress(Encoding.UTF8.GetBytes(text)).Length, bytes, bytes * 1.001 + 40);
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("x", 6)]
    [InlineData("some letters to be known by the model,", 6)]
    [InlineData("some letters to be known by the model,\n", 6)]
    [InlineData("some letters\nto be known", 7)]
    [InlineData("\n", 6)]
    public void Little_stands_around_a_short_text(string text, int most)
    {
        LanguageModel model = CompressionModels.Find("characters");
        using var scorer = new TextScorer(model);
        using var compressor = new TextCompressor(model);
        double bits = scorer.Score(text.Contains('\n') || text.Length == 0 ? text : text + "\n").Bits; // a line is told by its end
        byte[] compressed = compressor.Compress(Encoding.UTF8.GetBytes(text));
        Assert.InRange(compressed.Length, 5, most + bits / 8 + 0.1);
        Assert.Equal(text, Encoding.UTF8.GetString(compressor.Expand(compressed)));
    }

    [Fact]
    public void What_is_no_text_hardly_grows()
    {
        byte[] noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        foreach (string kind in (string[])["characters", "words", "cleaned characters"])
        {
            using var compressor = new TextCompressor(CompressionModels.Find(kind));
            byte[] compressed = compressor.Compress(noise);
            Assert.True(compressed.Length < 1.35 * noise.Length, $"{kind}: {compressed.Length}");
            Assert.Equal(noise, compressor.Expand(compressed));
            // Another script is text, but none that the model knows.
            byte[] chinese = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("机器学习是人工智能的一个分支。", 400)));
            Assert.True(compressor.Compress(chinese).Length < 0.75 * chinese.Length);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Blocks_of_a_long_text_go_one_after_another(bool adapts)
    {
        LanguageModel model = CompressionModels.Find("characters");
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text + "漢", 80)));
        using var compressor = new TextCompressor(model, new CompressionOptions { BlockBytes = 5001, Adapt = adapts });
        using var atOnce = new TextCompressor(model, new CompressionOptions { Adapt = adapts });
        byte[] compressed = compressor.Compress(content), whole = atOnce.Compress(content);
        Assert.Equal(content, atOnce.Expand(compressed));
        // Blocks cost some bytes, and less where what was learnt goes on from one to the next.
        Assert.InRange(compressed.Length - whole.Length, 1, 100);
        var output = new MemoryStream();
        Assert.Equal(content.Length, compressor.Compress(new MemoryStream(content), output).Bytes);
        Assert.Equal(compressed, output.ToArray());
    }

    [Fact]
    public void Words_without_what_stands_between_them_cannot_be_kept()
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }, layers: 1);
        Assert.Contains("cannot compress", Assert.Throws<UnrollException>(() => new TextCompressor(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        LanguageModel model = CompressionModels.Find("characters");
        Assert.Throws<OptionsException>(() => new TextCompressor(model, new CompressionOptions { Segments = -1 }));
        Assert.Throws<OptionsException>(() => new TextCompressor(model, new CompressionOptions { Segments = 1025 }));
        Assert.Throws<OptionsException>(() => new TextCompressor(model, new CompressionOptions { Threads = -1 }));
        Assert.Equal("Segments", Assert.Throws<OptionsException>(() => new TextCompressor(model, new CompressionOptions { Segments = 2, Adapt = true })).Property);
        new TextCompressor(model, new CompressionOptions { Segments = 1, Adapt = true }).Dispose();
    }

    [Fact]
    public void It_can_be_broken_off_and_used_again()
    {
        LanguageModel model = CompressionModels.Find("characters");
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text, 200)));
        using var compressor = new TextCompressor(model);
        using var source = new CancellationTokenSource();
        var reports = new List<long>();
        var progress = new Synchronous(count =>
        {
            reports.Add(count);
            source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => compressor.Compress(new MemoryStream(content), new MemoryStream(), progress, source.Token));
        Assert.Single(reports);
        Assert.Equal(content, compressor.Expand(compressor.Compress(content)));
        compressor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => compressor.Compress("x"u8));
    }

    private sealed class Synchronous(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }

    /// <summary>A pipe that gives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }
}
