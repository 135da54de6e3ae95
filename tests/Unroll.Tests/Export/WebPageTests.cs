using System.Text;
using System.Text.RegularExpressions;
using Unroll.Export;
using Unroll.Tests.Architecture;
using Unroll.Tests.Checkpoints;
using Unroll.Tests.Model;
using Unroll.Web.Pages.Parts;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>Pages that hold models, as files.</summary>
public class WebPageTests
{
    private static readonly string[] Numbered = [Vocabulary.UnknownToken, "</script>", "<!--", "{{model}}", "&", "\u2028"];

    [Fact]
    public void The_same_model_gives_the_same_page_and_stays_as_it_is()
    {
        LanguageModel model = ModelCase.Find("lstm, n-grams in and out").Model();
        string before = model.Fingerprint();
        var page = WebPage.Of(model, "model");
        byte[] bytes = Bytes(page);
        Assert.Equal(bytes, Bytes(WebPage.Of(model, "model")));
        Assert.Equal(bytes.Length, page.Length);
        Assert.Equal(before, model.Fingerprint());
        Assert.NotEqual(before, page.Model.Fingerprint());
        Assert.Equal(new LeftOut(), page.LeftOut);
    }

    [Fact]
    public void A_page_asks_nobody_and_no_name_breaks_it()
    {
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 3 }, Numbered);
        string page = Encoding.UTF8.GetString(Bytes(WebPage.Of(model, "</title><script>alert(\"{{weights}}\")&")));
        Assert.Contains("<title>&lt;/title&gt;&lt;script&gt;alert(&quot;{{weights}}&quot;)&amp; · Unroll</title>", page);
        Assert.Equal(4, Regex.Count(page, "<script"));
        Assert.Equal(4, Regex.Count(page, "</script"));
        Assert.DoesNotContain("http:", page);
        Assert.DoesNotContain("https:", page);
        Assert.DoesNotContain("import(", page);
        Assert.Contains("default-src 'none'", page);
    }

    [Fact]
    public void What_there_is_no_room_for_is_left_out_and_said()
    {
        ModelCase kind = ModelCase.Find("lstm, n-grams in and out");
        LanguageModel one = kind.Model(), three = LanguageModel.Average(kind.Model(), kind.Model(), kind.Model());
        long whole = WebPage.Of(one, "model").Length;
        Assert.Equal(new LeftOut(), WebPage.Of(three, "model").LeftOut);

        // Less room, less in it, down to one network without tables.
        var seen = new List<LeftOut>();
        for (long size = 150_000; ; size -= 200)
        {
            try
            {
                var page = WebPage.Of(three, "model", new WebPageOptions { Size = size });
                Assert.True(page.Length <= size, $"{page.Length} is more than {size}.");
                Assert.Equal(3, page.Model.Members.Count + page.LeftOut.Networks);
                Assert.Equal(page.Model.Members.Count * one.Ngrams!.Rows, page.LeftOut.Ngrams + page.Model.Members.Sum(member => member.Ngrams?.Rows ?? 0));
                if (!seen.Contains(page.LeftOut))
                    seen.Add(page.LeftOut);
            }
            catch (UnrollException tooSmall)
            {
                Assert.Matches(@"^The page would have [\d,]+ bytes, and --size allows [\d,]+: allow more, or choose 8 --bits\.$", tooSmall.Describe(name => $"--{name.ToLowerInvariant()}"));
                break;
            }
        }
        Assert.Equal([0, 1, 2, 2, 2, 2], seen.Select(left => left.Networks));
        Assert.Equal(one.Ngrams!.Rows, seen[^1].Ngrams);
        Assert.True(whole > 0 && seen.Zip(seen.Skip(1)).All(pair => pair.Second.Ngrams >= pair.First.Ngrams));
    }

    [Theory]
    [InlineData(16, 300, 1e-4)]
    [InlineData(8, 300, 1e-2)]
    [InlineData(8, 1, 0)]
    public void Weights_are_rounded_by_no_more_than_their_bits_say(int bits, int columns, double most)
    {
        float[] values = [.. Enumerable.Range(0, 2 * columns).Select(i => (float)Math.Sin(i) * (i < columns ? 1 : 1e-3f))], rounded = [.. values];
        rounded[0] = values[0] = 0;
        var numbers = new PackedNumbers(bits);
        PackedTensor tensor = numbers.Add(rounded, columns);
        Assert.Equal((0, 2, columns), (tensor.At, tensor.Rows, tensor.Columns));
        Assert.Equal(PackedNumbers.Length(2, columns, bits), numbers.Bytes.Length);
        for (int i = 0; i < values.Length; i++)
            Assert.InRange(Math.Abs(values[i] - rounded[i]), 0, most * (i < columns ? 1 : 1e-3) + 1e-9);
    }

    [Theory]
    [InlineData(12, 1000, nameof(WebPageOptions.Bits))]
    [InlineData(8, 0, nameof(WebPageOptions.Size))]
    [InlineData(8, 500_000_001, nameof(WebPageOptions.Size))]
    public void Options_that_make_no_sense_are_refused(int bits, long size, string property)
    {
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 3 });
        var mistake = Assert.Throws<OptionsException>(() => WebPage.Of(model, "model", new WebPageOptions { Bits = bits, Size = size }));
        Assert.Contains(property, mistake.Message);
    }

    [Fact]
    public void Its_colours_of_surprise_end_where_those_of_the_other_pages_do() =>
        Assert.Contains($"surpriseEnds = [{string.Join(", ", SurpriseScale.Ends)}]", File.ReadAllText(Repository.Path("src", "Unroll", "Export", "Page", "view.js")));

    [Fact]
    public void Its_words_are_those_of_the_other_pages_in_both_languages()
    {
        string script = File.ReadAllText(Repository.Path("src", "Unroll", "Export", "Page", "words.js"));
        foreach (Words words in (Words[])[Words.English, Words.Chinese])
            foreach (string word in (string[])[words.Name, words.Play, words.Read, words.PlayTitle, words.ReadTitle, words.Temperature, words.Write, words.Another, words.TextWritten, words.AtThisPlace, words.TakeInstead, words.Legend, words.WorstFirst, words.BitsInAll])
                Assert.Contains($"'{word}'", script);
    }

    private static byte[] Bytes(WebPage page)
    {
        using var bytes = new MemoryStream();
        page.Save(bytes);
        return bytes.ToArray();
    }
}
