using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Web;
using Unroll.Web.Pages.Inside;
using Unroll.Web.Runs;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>The page that looks into a network.</summary>
public class InsidePageTests
{
    private const string Text = "the quick fox (12 dogs) jumps\nand a dog \"over\" it\n";

    [Theory]
    [InlineData("en", "There is no model here yet.", "There is no text yet: paste one, or choose a file.", "The text has 10,001 characters, and this page takes 10,000: take a part of it.")]
    [InlineData("zh-CN", "这里还没有模型。", "还没有文字：请粘贴一段，或选择一个文件。", "这段文字有 10,001 个字符，本页最多接受 10,000 个：请只取一部分。")]
    public async Task Nothing_to_look_at_and_too_much_are_told(string code, string noModel, string nothing, string tooLong)
    {
        await using (var empty = new PageBench(code, served: 0))
            Assert.Contains(noModel, empty.Open<InsidePage>("/inside").Seen());
        await using var bench = new PageBench(code);
        IRenderedComponent<InsidePage> page = bench.Open<InsidePage>("/inside?unit=x");
        await page.Find("form").SubmitAsync();
        Assert.Equal(nothing, page.Seen("[role=alert]"));
        await page.Find("textarea").ChangeAsync(new() { Value = new string('a', 10_001) });
        await page.Find("form").SubmitAsync();
        Assert.Equal((tooLong, 0), (page.Seen("[role=alert]"), page.FindAll("table").Count));
    }

    [Theory]
    [InlineData("en", "white space", "forget")]
    [InlineData("zh-CN", "空白", "遗忘门")]
    public async Task Units_gates_and_states_are_shown(string code, string feature, string gate)
    {
        await using var bench = new PageBench(code);
        IRenderedComponent<InsidePage> page = await LookAsync(bench);
        Assert.Contains(feature, page.FindAll("table")[0].TextContent);
        // Two layers with three gates each, and how often each was open and closed.
        string[][] gates = [.. page.FindAll("table")[1].QuerySelectorAll("tbody tr").Select(row => row.Children.Select(cell => cell.TextContent.Trim()).ToArray())];
        Assert.Equal(["1", "1", "1", "2", "2", "2"], gates.Select(row => row[0]));
        Assert.Contains(gate, gates.Select(row => row[1]));
        Assert.All(gates, row => Assert.All(row[2..], share => Assert.Matches(@"^\d+\.\d %$", share)));
        Assert.Equal(Text, page.Tokens());
        Assert.Single(bench.Script.Invocations, invocation => invocation.Identifier == "draw");
        // A unit is chosen in the table, and by its number.
        await page.FindAll("td.text button")[1].ClickAsync(new MouseEventArgs());
        Assert.Equal("true", page.FindAll("td.text button")[1].GetAttribute("aria-pressed"));
        await page.Labelled(bench.Words.Unit).ChangeAsync(new() { Value = "99" });
        Assert.Equal("20", page.Labelled(bench.Words.Unit).GetAttribute("value"));
        await page.PointAsync(5);
        Assert.Contains(bench.Words.AtToken(6), page.Seen("[aria-live=polite]"));
    }

    [Fact]
    public async Task The_text_is_coloured_by_surprise_or_by_influence()
    {
        await using var bench = new PageBench();
        IRenderedComponent<InsidePage> page = await LookAsync(bench);
        await page.Labelled(bench.Words.Colour).ChangeAsync(new() { Value = "surprise" });
        Assert.Equal("below 1 bit", page.FindAll(".legend li")[0].TextContent);
        Assert.StartsWith("bits", page.Find("[data-token]").ClassName);
        await page.Labelled(bench.Words.Colour).ChangeAsync(new() { Value = "influence" });
        Assert.Empty(page.FindAll("[data-token][class]"));
        await page.PointAsync(12);
        Assert.Contains(page.FindAll("[data-token][class]"), token => token.ClassName!.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain(page.FindAll("[data-token][class]"), token => int.Parse(token.GetAttribute("data-token")!) > 12);
    }

    [Fact]
    public async Task A_selection_is_searched_for_here_in_a_file_and_in_the_runs_text()
    {
        await using var bench = new PageBench();
        string run = Path.Combine(bench.Folder.Path, RunShelf.FolderName, "0001");
        foreach ((string name, string text) in ((string, string)[])[("order.json", """{"Name": "my diary", "Preset": "default"}"""), (TrainingWork.TextName, Text + Text)])
            bench.Folder.Write(Path.Combine(run, name), text);
        bench.Shelf.Look();
        bench.Shelf.All[0].ModelId = "one";
        IRenderedComponent<InsidePage> page = await LookAsync(bench);
        await page.Button(bench.Words.UnitsOnThere).ClickAsync(new MouseEventArgs());
        Assert.Equal(bench.Words.SelectFirst, page.Seen("[role=alert]")); // nothing is selected
        Select(bench, 4, 6);
        await page.Button(bench.Words.UnitsOnThere).ClickAsync(new MouseEventArgs());
        Assert.Empty(page.FindAll("[role=alert]"));
        Assert.Contains("Units that are on throughout these 2 tokens, and were not just before", page.Seen());
        Assert.Contains("Searched: the text above, 50 tokens.", page.Seen(".hint"));

        page.FindComponent<LongSearch>().FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(string.Concat(Enumerable.Repeat(Text, 100)), "book.txt"));
        page.WaitForState(() => page.FindAll("h3").Count == 1 && page.FindAll(".busy").Count == 0);
        Assert.Equal("Places in book.txt where they are on", page.Seen("h3"));
        Assert.Contains("the [qu]ick fox (12 dog", page.FindAll(".places")[1].TextContent);
        Assert.Matches(@"Searched: the whole text, 5,000 characters, read in 2 pieces|Searched: the first 4,000 of 5,000 characters", page.FindAll(".hint")[^1].TextContent);

        await page.Button("Search the text that my diary has learned").ClickAsync(new MouseEventArgs());
        page.WaitForState(() => page.Seen("h3") == "Places in my diary where they are on");
        File.Delete(Path.Combine(run, TrainingWork.TextName));
        page.FindComponent<LongSearch>().FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary([0xff], "book.txt"));
        page.WaitForState(() => page.Seen("[role=alert]") == bench.Words.NotUtf8);
    }

    [Fact]
    public void A_long_text_is_searched_in_pieces_and_for_a_time()
    {
        using var reader = new UnitReader(PageBench.Model);
        var selection = new UnitSelection(reader.Read(Text), 4, 6, threshold: 0.1f);
        var clock = new FakeClock();
        AlikeSearch one = AlikeSearch.Find(selection, reader, Text, TimeSpan.FromSeconds(1), clock, CancellationToken.None);
        UnitTrace again = reader.Read(Text);
        Assert.Equal(selection.FindAlike(again).Select(place => (AlikeSearch.Describe(again, place), place.UnitsOn, place.Distance)), one.Places.Select(place => (place.Text, place.UnitsOn, place.Distance)));
        Assert.Equal((50, 50, 1, true), (one.Searched, one.Characters, one.Pieces, one.IsWhole));
        Assert.Equal(("the [qu]ick fox (12 dog", 1, 0.0), (one.Places[0].Text, one.Places[0].Line, one.Places[0].Distance)); // itself comes first

        // The same in the last piece of a long text is found at its line, as close.
        string book = string.Concat(Enumerable.Repeat(new string('a', 79) + "\n", 200)) + Text;
        AlikeSearch all = AlikeSearch.Find(selection, reader, book, TimeSpan.FromSeconds(1), clock, CancellationToken.None);
        Assert.Equal((book.Length, 5, true), (all.Searched, all.Pieces, all.IsWhole));
        Assert.Equal(("the [qu]ick fox (12 dog", 201, 0.0), (all.Places[0].Text, all.Places[0].Line, all.Places[0].Distance));
        AlikeSearch some = AlikeSearch.Find(selection, reader, book, TimeSpan.FromSeconds(2.5), new FakeClock(TimeSpan.FromSeconds(1)), CancellationToken.None);
        Assert.Equal((8000, book.Length, 2, false), (some.Searched, some.Characters, some.Pieces, some.IsWhole));
        // One line without end is cut between characters.
        AlikeSearch line = AlikeSearch.Find(selection, reader, $"a{string.Concat(Enumerable.Repeat("😀", 2500))}", TimeSpan.FromSeconds(1), clock, CancellationToken.None);
        Assert.Equal((5001, 2), (line.Searched, line.Pieces));
        Assert.Empty(AlikeSearch.Find(selection, reader, "", TimeSpan.FromSeconds(1), clock, CancellationToken.None).Places);
    }

    private static void Select(PageBench bench, int from, int to) => bench.Script.Setup<int[]?>("selectedTokens", _ => true).SetResult([from, to]);

    private static async Task<IRenderedComponent<InsidePage>> LookAsync(PageBench bench)
    {
        IRenderedComponent<InsidePage> page = bench.Open<InsidePage>("/inside");
        await page.Find("textarea").ChangeAsync(new() { Value = Text });
        await page.Find("form").SubmitAsync();
        page.WaitForState(() => page.FindAll("table").Count == 2 && page.FindAll(".busy").Count == 0);
        return page;
    }
}
