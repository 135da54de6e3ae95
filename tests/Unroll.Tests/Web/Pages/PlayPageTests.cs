using Bunit;
using CsCheck;
using Microsoft.AspNetCore.Components.Web;
using Unroll.Web.Pages.Play;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Unroll.Tests.Web.Pages;

/// <summary>The page on which a model writes.</summary>
public class PlayPageTests
{
    private const string Fast = "pace=once&length=30";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Who_has_no_model_is_led_to_where_one_is_trained(string code)
    {
        await using var bench = new PageBench(code, served: 0);
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>("/play");
        Assert.Contains(bench.Words.NoModels, page.Seen());
        Assert.Equal(("/runs", bench.Words.TrainOne), (page.Find("a").GetAttribute("href"), page.Find("a").TextContent));
        Assert.Equal("/play", bench.Address);
        bench.Open<PlayPage>("/");
        Assert.Equal("/runs", bench.Address);
    }

    [Theory]
    [InlineData("en", "Let a model write", "Temperature", "two, temperature 0.9")]
    [InlineData("zh-CN", "让模型写作", "温度", "two, 温度 0.9")]
    public async Task The_text_of_an_address_is_what_the_library_writes(string code, string title, string temperature, string heading)
    {
        await using var bench = new PageBench(code, served: 2);
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>($"/play?{Fast}&model=two&prefix=fox&seed=7&temperature=0.9&topk=9");
        using var alone = new TextGenerator(PageBench.Model, threads: 1);
        string expected = alone.Generate("fox", new GenerationOptions { Length = 30, Temperature = 0.9, TopK = 9, Seed = 7 }, Stop).Text;
        page.WaitForState(() => page.Tokens() == expected);
        Assert.Equal(title, page.Seen("h1"));
        Assert.Equal("fox", page.Seen(".prefix"));
        Assert.StartsWith(heading, page.Seen(".facts"));
        Assert.Equal(("0.9", "7", "two"), (page.Labelled(temperature).GetAttribute("value"), page.Labelled(bench.Words.Seed).GetAttribute("value"), page.Labelled(bench.Words.Model).GetAttribute("value")));
        Assert.Empty(page.FindAll(".mistake"));
    }

    [Fact]
    public async Task What_an_address_says_wrongly_is_as_usual()
    {
        await using var bench = new PageBench();
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>("/play?pace=once&model=nobody&length=-5&temperature=hot&topk=x&topp=9&minp=-1&seed=-1&path=abc&others=;;-.;9.9&path2=7&foo=bar");
        using var alone = new TextGenerator(PageBench.Model, threads: 1);
        page.WaitForState(() => page.Tokens() == alone.Generate("", new GenerationOptions { Length = 1, Temperature = 0.8, Seed = 1 }, Stop).Text);
        Assert.Equal(("1", "0.8", "1"), (page.Labelled("Length").GetAttribute("value"), page.Labelled("Temperature").GetAttribute("value"), page.Labelled("Seed").GetAttribute("value")));
        Assert.Empty(page.FindAll(".mistake, .tree"));
    }

    [Theory]
    [InlineData("en", "There is no token 9999 that could stand at place 3")]
    [InlineData("zh-CN", "第 3 处不可能是编号 9999 的词元")]
    public async Task A_branch_of_another_model_is_told_and_the_text_is_written(string code, string told)
    {
        await using var bench = new PageBench(code);
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>($"/play?{Fast}&path=3.9999");
        page.WaitForState(() => page.Tokens().Length == 30 && page.FindAll(".busy").Count == 0);
        Assert.StartsWith(told, page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task A_text_branches_and_its_address_brings_all_branches_back()
    {
        await using var bench = new PageBench();
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>($"/play?{Fast}");
        string first = Written(page);
        string second = await BranchAsync(page, token: 5), path = bench.Address;
        Assert.Equal(("path", first[..5], 30), (path.Split('&')[^1].Split('=')[0], second[..5], second.Length));
        Assert.NotEqual(first, second);
        string third = await BranchAsync(page, token: 9);
        Assert.Equal(second[..9], third[..9]);
        Assert.Equal("The first text", page.FindAll(".tree button")[0].TextContent);
        Assert.Equal(["depth0", "depth1", "depth2"], page.FindAll(".tree li").Select(entry => entry.ClassName));
        await page.FindAll(".tree button")[1].ClickAsync(new MouseEventArgs());
        Assert.Equal(second, Written(page));
        IRenderedComponent<PlayPage> again = bench.Open<PlayPage>(bench.Address);
        Assert.Equal((second, 3), (Written(again), again.FindAll(".tree li").Count));
        await again.Button("Write").ClickAsync(new MouseEventArgs());
        await again.Find("form").SubmitAsync();
        Assert.Equal(first, Written(again));
        Assert.DoesNotContain("path", bench.Address);
    }

    [Fact]
    public async Task The_second_text_branches_too()
    {
        await using var bench = new PageBench();
        IRenderedComponent<PlayPage> page = bench.Open<PlayPage>($"/play?{Fast}&temperature2=1.5");
        (string left, string right) = (Written(page), Written(page, which: 1));
        Assert.NotEqual(left, right);
        string branch = await BranchAsync(page, token: 4, which: 1);
        Assert.Equal((left, right[..4]), (Written(page), branch[..4]));
        Assert.NotEqual(right, branch);
        Assert.Matches(@"[?&]path2=4\.\d+$", bench.Address);
        string ofLeft = await BranchAsync(page, token: 6);
        IRenderedComponent<PlayPage> again = bench.Open<PlayPage>(bench.Address);
        Assert.Equal((ofLeft, branch), (Written(again), Written(again, which: 1)));
        await again.Button("Another one").ClickAsync(new MouseEventArgs());
        Assert.DoesNotContain("path", bench.Address);
    }

    [Fact]
    public void An_address_says_all_of_the_settings() =>
        Gen.Select(Gen.String, Gen.Int[1, 100_000], Gen.Double[0, 10], Gen.Double[0.001, 1], Gen.ULong, Gen.Bool, Gen.Select(Gen.String, Gen.Double[0, 10]))
            .Sample((text, length, temperature, topP, seed, flag, other) =>
            {
                var settings = new PlaySettings
                {
                    Model = text,
                    Prefix = text,
                    Length = length,
                    Temperature = temperature,
                    TopK = length,
                    TopP = topP,
                    MinP = topP,
                    Seed = seed,
                    AtOnce = flag,
                    Path = text,
                    Others = text,
                    Compares = true,
                    OtherModel = other.Item1,
                    OtherTemperature = other.Item2,
                    SecondPath = text,
                    SecondOthers = other.Item1,
                };
                string address = settings.Address();
                Assert.Equal(settings, PlaySettings.FromQuery(address[address.IndexOf('?')..]));
                PlaySettings second = settings.Second;
                Assert.Equal((other.Item2, text, other.Item1, false), (second.Temperature, second.Path, second.Others, second.Compares));
            }, iter: 200);

    [Fact]
    public void A_text_appears_as_fast_as_one_reads()
    {
        var clock = new FakeClock();
        var pace = new ReadingPace(clock);
        GeneratedToken[] tokens = [.. ((string[])["a", "bc", "", "defg", "h", "i", "j"]).Select((text, i) => new GeneratedToken { Id = i, Text = text, Offset = 0, LogProbability = 0 })];
        var seen = new List<int>();
        int shown = 0;
        for (int i = 0; i < 8; i++) // a character each
        {
            clock.Advance(TimeSpan.FromSeconds(1.0 / ReadingPace.CharactersPerSecond));
            seen.Add(shown = pace.Advance(tokens.AsSpan(0, 5).ToArray(), shown));
        }
        Assert.Equal([1, 1, 3, 3, 3, 3, 4, 5], seen);
        clock.Advance(TimeSpan.FromSeconds(9)); // the model has written nothing in this time
        Assert.Equal(5, shown = pace.Advance(tokens.AsSpan(0, 5).ToArray(), shown));
        Assert.Equal(6, shown = pace.Advance(tokens, shown));
        clock.Advance(TimeSpan.FromSeconds(1)); // nobody looked for a second: all that is due comes
        Assert.Equal(7, pace.Advance(tokens, shown));
    }

    private static string Written(IRenderedComponent<PlayPage> page, int which = 0)
    {
        page.WaitForState(() => page.FindAll(".busy").Count == 0 && page.Tokens(which).Length == 30);
        return page.Tokens(which);
    }

    // Takes the likeliest token that does not stand there.
    private static async Task<string> BranchAsync(IRenderedComponent<PlayPage> page, int token, int which = 0)
    {
        Written(page, which);
        await page.PointAsync(token, which);
        await page.FindAll(".column")[which].QuerySelector(".here button")!.ClickAsync(new MouseEventArgs());
        return Written(page, which);
    }
}
