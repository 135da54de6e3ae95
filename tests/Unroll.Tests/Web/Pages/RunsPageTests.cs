using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Unroll.Web.Pages;
using Unroll.Web.Pages.Runs;
using Unroll.Web.Runs;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>The page of runs, and the frame around all pages.</summary>
public class RunsPageTests
{
    [Theory]
    [InlineData("en", "There is no run yet. Paste a text above, and watch a network learn it.", "The text is too short to learn from: give it at least 200 characters.")]
    [InlineData("zh-CN", "还没有训练。在上面粘贴一段文字，看网络怎样学会它。", "文字太短，没什么可学：至少要 200 个字符。")]
    public async Task Who_has_no_run_is_asked_for_a_text(string code, string none, string tooShort)
    {
        await using var bench = new PageBench(code, served: 0);
        IRenderedComponent<RunsPage> page = bench.Open<RunsPage>("/runs?what=ever");
        Assert.Equal((none, 0), (page.Seen(".empty"), page.FindAll("article, .chart").Count));
        Assert.True(page.Find("details.new").HasAttribute("open"));
        await page.Find("textarea").ChangeAsync(new() { Value = "short" });
        await page.Find("form").SubmitAsync();
        Assert.Equal(tooShort, page.Seen("[role=alert]"));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary([0xff], "a.txt"));
        page.WaitForState(() => page.Seen("[role=alert]") == bench.Words.NotUtf8);
        Assert.Equal([], Directory.GetFileSystemEntries(bench.Folder.Path));
    }

    [Fact]
    public async Task Logs_of_the_folder_are_shown_with_their_curves_and_what_differs()
    {
        await using var bench = new PageBench();
        bench.Log("short", loss: 2);
        bench.Log("longer", loss: 3);
        IRenderedComponent<RunsPage> page = bench.Open<RunsPage>("/runs");
        Assert.Equal(["longer", "short"], page.FindAll("article h3").Select(name => name.TextContent.Trim()));
        Assert.Equal("a log that is being watched · validation 1.500", page.Find("article .facts").TextContent);
        Assert.Contains("It was here", page.Seen("article .sample"));
        Assert.Equal(["model.hidden", "training.lr"], page.FindAll("table tbody th").Select(option => option.TextContent));
        Assert.Equal(["6", "5", "3", "2"], page.FindAll("table tbody td").Select(value => value.TextContent));
        await page.Labelled("Measure").ChangeAsync(new() { Value = "bits" });
        Assert.Equal("a log that is being watched · validation 2.164", page.Find("article .facts").TextContent);
        Assert.Equal(2, bench.Script.Invocations.Count(invocation => invocation.Identifier == "draw"));
        await page.Find("article input[type=checkbox]").ChangeAsync(new() { Value = false });
        Assert.Empty(page.FindAll("table")); // one alone differs from nothing
    }

    [Theory]
    [InlineData("en", "Show more (3 runs left)", "500 runs are listed, 3 more of this folder are not: move out of it what is no longer wanted.")]
    [InlineData("zh-CN", "显示更多（还有 3 个训练）", "已列出 500 个训练，这个文件夹里另有 3 个没有列出：不再需要的请移出文件夹。")]
    public async Task Many_runs_come_page_by_page_and_what_is_left_out_is_told(string code, string more, string left)
    {
        await using var bench = new PageBench(code);
        for (int i = 0; i < 23; i++)
            bench.Log($"run{i:00}");
        IRenderedComponent<RunsPage> page = bench.Open<RunsPage>("/runs");
        Assert.Equal(20, page.FindAll("article").Count);
        await page.Button(more).ClickAsync(new());
        Assert.Equal((23, 0), (page.FindAll("article").Count, page.FindAll("button").Count(button => button.TextContent == more)));
        Assert.Equal(left, bench.Words.RunsLeftOut(500, 3));
    }

    [Fact]
    public void No_more_than_five_hundred_are_listed()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < RunShelf.MostRuns + 3; i++)
            folder.Write(Path.Combine(RunShelf.FolderName, $"{i + 1:0000}", "order.json"), """{"Name": "a run", "Preset": "default"}""");
        using var shelf = new RunShelf(folder.Path, [], threads: 1);
        Assert.Equal((500, 3, "0503"), (shelf.All.Count, shelf.LeftOut, shelf.All[0].Id));
    }

    [Theory]
    [InlineData("en", "There is no such page", "To the start page", "中文")]
    [InlineData("zh-CN", "没有这个页面", "回到首页", "English")]
    public async Task Where_nothing_is_the_frame_stays(string code, string title, string home, string other)
    {
        await using var bench = new PageBench(code);
        bench.Navigation.NavigateTo("/nothing/here");
        IRenderedComponent<Routes> page = bench.Draw<Routes>(parameters => parameters.Add(routes => routes.Code, code));
        Assert.Equal((title, home), (page.Seen("h1"), page.Seen("main a")));
        Assert.Equal("/", page.Find("main a").GetAttribute("href"));
        Assert.Equal([bench.Words.Play, bench.Words.Read, bench.Words.Inside, bench.Words.Runs], page.FindAll("nav a").Select(link => link.TextContent));
        Assert.Equal(other, page.Find(".look a").TextContent);
        Assert.Equal($"/look?language={bench.Words.Other.Code}&back=%2Fnothing%2Fhere", page.Find(".look a").GetAttribute("href"));
        await page.InvokeAsync(() => bench.Navigation.NavigateTo("/read"));
        Assert.Equal((bench.Words.ReadTitle, bench.Words.Read), (page.Seen("h1"), page.Seen("nav a.active")));
    }
}
