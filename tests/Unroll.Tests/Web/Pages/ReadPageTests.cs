using System.Globalization;
using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;
using Unroll.Web.Pages.Read;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Unroll.Tests.Web.Pages;

/// <summary>The page on which a model reads.</summary>
public class ReadPageTests
{
    private const string Text = "the quick fox\nqzqzqz\nand a dog";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en", "There is no model here yet.", "There is no text yet: paste one, or choose a file.", "The text has 200,001 characters, and this page takes 200,000: take a part of it.")]
    [InlineData("zh-CN", "这里还没有模型。", "还没有文字：请粘贴一段，或选择一个文件。", "这段文字有 200,001 个字符，本页最多接受 200,000 个：请只取一部分。")]
    public async Task Nothing_to_read_and_too_much_are_told(string code, string noModel, string nothing, string tooLong)
    {
        await using (var empty = new PageBench(code, served: 0))
            Assert.Contains(noModel, empty.Open<ReadPage>("/read").Seen());
        await using var bench = new PageBench(code);
        IRenderedComponent<ReadPage> page = bench.Open<ReadPage>("/read?what=ever");
        Assert.Empty(page.FindAll(".mistake"));
        await page.Find("form").SubmitAsync();
        Assert.Equal(nothing, page.Seen("[role=alert]"));
        await page.Labelled(bench.Words.TextToRead).ChangeAsync(new() { Value = new string('a', 200_001) });
        await page.Find("form").SubmitAsync();
        Assert.Equal((tooLong, 0, 0), (page.Seen("[role=alert]"), page.FindAll(".line").Count, page.FindAll(".busy").Count));
        await page.Labelled(bench.Words.CompareWith).ChangeAsync(new() { Value = "text" });
        await page.Labelled(bench.Words.TextToRead).ChangeAsync(new() { Value = Text });
        await page.Find("form").SubmitAsync();
        Assert.Equal(nothing, page.Seen("[role=alert]")); // of the other text
    }

    [Fact]
    public async Task Lines_have_their_sums_and_the_worst_come_first()
    {
        await using var bench = new PageBench();
        IRenderedComponent<ReadPage> page = await ReadAsync(bench, Text);
        EvaluationResult expected = Evaluator.Evaluate(PageBench.Model, TextSource.FromString(Text), threads: 1, cancellationToken: Stop);
        Assert.Equal(["one", $"{expected.Tokens}", Number(expected.BitsPerToken * expected.Tokens), Number(expected.BitsPerCharacter), Number(expected.BitsPerByte)],
            page.FindAll("table.facts tbody tr > *").Select(cell => cell.TextContent));
        Assert.Equal(Text, page.Seen(".words").Replace("↵", "", StringComparison.Ordinal));
        (int Line, double Bits)[] lines = Lines(page);
        Assert.Equal([1, 2, 3], lines.Select(line => line.Line));
        Assert.Equal(expected.BitsPerToken * expected.Tokens, lines.Sum(line => line.Bits), 0.02);
        await page.Labelled(bench.Words.WorstFirst).ChangeAsync(new() { Value = true });
        int[] lengths = [14, 7, 9];
        Assert.Equal(lines.OrderByDescending(line => line.Bits / lengths[line.Line - 1]).Select(line => line.Line), Lines(page).Select(line => line.Line));
        await page.PointAsync(3);
        Assert.Matches("was .* likely, a surprise of .* bits", page.Seen(".here"));
        Assert.Equal(5, page.FindAll(".here li").Count);
    }

    [Fact]
    public async Task Models_and_texts_are_compared()
    {
        await using var bench = new PageBench(served: 2);
        IRenderedComponent<ReadPage> page = await ReadAsync(bench, Text, "m:two");
        Assert.Equal(["one", "two"], page.FindAll("table.facts tbody th").Select(row => row.TextContent));
        Assert.Equal(6, page.FindAll(".legend li").Count);
        Assert.Empty(page.FindAll("[data-token][class]")); // they are the same model
        Assert.Equal("Colours: bits of surprise that one had more than two, or fewer", page.Seen(".caption"));
        await page.Labelled(bench.Words.CompareWith).ChangeAsync(new() { Value = "text" });
        await page.FindAll("textarea")[1].ChangeAsync(new() { Value = "fox" });
        await page.Find("form").SubmitAsync();
        page.WaitForState(() => page.FindAll("table.facts tbody th")[1].TextContent == "another text");
        Assert.Equal((7, "2"), (page.FindAll(".legend li").Count, page.FindAll("table.facts tbody td")[4].TextContent));
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_told()
    {
        await using var bench = new PageBench();
        IRenderedComponent<ReadPage> page = bench.Open<ReadPage>("/read");
        IRenderedComponent<InputFile> file = page.FindComponent<InputFile>();
        file.UploadFiles(InputFileContent.CreateFromBinary([0x61, 0xff, 0xfe], "a.txt"));
        page.WaitForState(() => page.FindAll("[role=alert]").Count == 1);
        Assert.Equal(bench.Words.NotUtf8, page.Seen("[role=alert]"));
        file.UploadFiles(InputFileContent.CreateFromBinary(new byte[800_001], "a.txt"));
        page.WaitForState(() => page.Seen("[role=alert]") == bench.Words.FileTooLarge(200_000));
        file.UploadFiles(InputFileContent.CreateFromText("a dog", "a.txt"));
        page.WaitForState(() => page.FindAll("[role=alert]").Count == 0 && page.Find("textarea").GetAttribute("value") == "a dog");
    }

    [Fact]
    public async Task It_reads_what_it_writes_and_long_texts_page_by_page()
    {
        await using var bench = new PageBench();
        IRenderedComponent<ReadPage> page = bench.Open<ReadPage>("/read");
        await page.Button(bench.Words.Example).ClickAsync(new MouseEventArgs());
        page.WaitForState(() => page.FindAll("[data-token]").Count == 600);
        IRenderedComponent<ReadPage> other = await ReadAsync(bench, string.Concat(Enumerable.Repeat("a\r\n", 205)));
        Assert.Equal(100, other.FindAll(".line").Count);
        await other.Button("Show more (105 lines left)").ClickAsync(new MouseEventArgs());
        await other.Button("Show more (5 lines left)").ClickAsync(new MouseEventArgs());
        Assert.Equal((205, 0), (other.FindAll(".line").Count, other.FindAll("p > button").Count(button => button.TextContent.StartsWith("Show more"))));
    }

    private static async Task<IRenderedComponent<ReadPage>> ReadAsync(PageBench bench, string text, string comparison = "")
    {
        IRenderedComponent<ReadPage> page = bench.Open<ReadPage>("/read");
        await page.Labelled(bench.Words.TextToRead).ChangeAsync(new() { Value = text });
        await page.Labelled(bench.Words.CompareWith).ChangeAsync(new() { Value = comparison });
        await page.Find("form").SubmitAsync();
        page.WaitForState(() => page.FindAll(".line").Count > 0 && page.FindAll(".busy").Count == 0);
        return page;
    }

    private static (int Line, double Bits)[] Lines(IRenderedComponent<ReadPage> page) =>
        [.. page.FindAll(".line .number").Select(number => number.TextContent.Split(": ")).Select(parts => (int.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture)))];

    private static string Number(double number) => number.ToString("N2", CultureInfo.InvariantCulture);
}
