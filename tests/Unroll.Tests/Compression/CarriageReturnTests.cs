using System.Text;
using CsCheck;
using Unroll.Compression;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Compression;

/// <summary>Lines that end with a carriage return and a line break take no more than those that end with a line break, and come back as they were.</summary>
public class CarriageReturnTests
{
    private const int Version = 4; // where it stands

    private static readonly byte[] Lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text, 60)));

    public static TheoryData<string> Kinds => [.. CompressionModels.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_whose_lines_all_have_one_is_no_larger_than_without(string kind)
    {
        byte[] returned = CarriageReturns.Restored(Lines);
        foreach (bool adapts in (bool[])[false, true])
        {
            using var compressor = new TextCompressor(CompressionModels.Find(kind), new CompressionOptions { Adapt = adapts });
            byte[] without = compressor.Compress(Lines), with = compressor.Compress(returned);
            Assert.Equal(returned, compressor.Expand(with));
            Assert.Equal(1, without[Version]);
            // A model that has learned nothing may find either way better, by a little.
            Assert.InRange(with.Length, 1, with[Version] == 2 ? without.Length + 2 : 1.2 * without.Length);
        }
        if (kind is "characters" or "several networks and a memory")
            Assert.Equal(2, VersionOf(CompressionModels.Find(kind), returned));
    }

    // Whoever reads texts by this library sees no carriage return before a line break; a model from elsewhere may have seen nothing else.
    [Theory]
    [InlineData(0, 2)]
    [InlineData(20, 1)]
    public void A_model_that_expects_them_keeps_them(float certainty, int version)
    {
        LanguageModel model = Models.Create(CellKind.Rnn, new TextOptions { Tokens = TokenKind.Byte }, layers: 1);
        int[] ids = model.Vocabulary.Encode("\r!\n");
        model.Parameters.Values.Clear();
        model.Parameters["rnn.weight_ih_l0"][ids[0]] = 20; // [H, V]: the first unit is 1 behind a carriage return and -1 elsewhere
        model.Parameters["rnn.bias_ih_l0"][0] = -10;
        model.Parameters["decoder.weight"][ids[2] * model.Options.HiddenSize] = certainty; // [V, H]
        Assert.Equal(version, VersionOf(model, CarriageReturns.Restored(Lines)));
    }

    [Fact]
    public void Blocks_end_their_lines_each_as_it_does()
    {
        using var one = new TextCompressor(CompressionModels.Find("characters"));
        byte[] content = [.. CarriageReturns.Restored(Lines), .. Lines, .. CarriageReturns.Restored(Lines)];
        for (int size = 4998; size < 5002; size++) // some of them part what belongs together
        {
            using var compressor = new TextCompressor(CompressionModels.Find("characters"), new CompressionOptions { BlockBytes = size });
            byte[] compressed = compressor.Compress(content);
            Assert.Equal(2, compressed[Version]);
            Assert.Equal(content, one.Expand(compressed));
        }
        Assert.Equal(1, VersionOf(CompressionModels.Find("characters"), content));
    }

    [Fact]
    public void They_are_taken_out_only_where_they_come_back()
    {
        Gen.OneOf("\r", "\n", "\r\n", "a", "\r\r\n").Array[0, 9].Select(string.Concat).Sample(text =>
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            Assert.Equal(text.Contains('\n') && !text.Replace("\r\n", "").Contains('\n'), CarriageReturns.AreEverywhere(bytes));
            if (!CarriageReturns.AreEverywhere(bytes))
                return;
            Assert.Equal(text.Replace("\r\n", "\n"), Encoding.ASCII.GetString(CarriageReturns.Without(bytes)));
            Assert.Equal(bytes, CarriageReturns.Restored(CarriageReturns.Without(bytes)));
        }, iter: 2000, threads: 1);
    }

    private static int VersionOf(LanguageModel model, byte[] content)
    {
        using var compressor = new TextCompressor(model);
        byte[] compressed = compressor.Compress(content);
        Assert.Equal(content, compressor.Expand(compressed));
        return compressed[Version];
    }
}
