using System.Reflection;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Unroll.Web.Pages.Parts;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>What pages are made of.</summary>
public class PartTests
{
    private static readonly TokenPrediction Space = Expected(1, " ", 0.5f), Break = Expected(2, "\n", 0.25f);

    [Fact]
    public async Task A_text_is_drawn_token_by_token_and_in_stretches()
    {
        await using var bench = new PageBench();
        GeneratedToken[] tokens = [.. Enumerable.Range(0, 150).Select(i => Token(i, i % 10 == 9 ? "\n" : "a"))];
        IRenderedComponent<TokenText> text = bench.Draw<TokenText>(parameters => parameters.Add(part => part.Label, "A text").Add(part => part.Tokens, tokens).Add(part => part.Count, 130)
            .Add(part => part.Chosen, 70).Add(part => part.Class, i => i == 3 ? "fork" : null));
        Assert.Equal(Enumerable.Range(0, 130).Select(i => $"{i}"), text.FindAll("[data-token]").Select(token => token.GetAttribute("data-token")));
        Assert.Equal("aaaaaaaaa↵\n", text.Seen("[data-token]")[..11]);
        Assert.Equal([(0, 64), (64, 64), (128, 2)], text.FindComponents<TokenStretch>().Select(stretch => (stretch.Instance.First, stretch.Instance.Count)));
        Assert.Equal(("70", "3"), (text.Find(".chosen").GetAttribute("data-token"), text.Find(".fork").GetAttribute("data-token")));
        Assert.Equal("A text", text.Find("[role=group]").GetAttribute("aria-label"));
        Assert.Equal("watchTokens", Assert.Single(bench.Script.Invocations).Identifier);
    }

    [Fact]
    public async Task Only_the_stretch_that_has_changed_is_drawn_again()
    {
        await using var bench = new PageBench();
        GeneratedToken[] tokens = [.. Enumerable.Range(0, 150).Select(i => Token(i, "a"))];
        IRenderedComponent<TokenText> text = bench.Draw<TokenText>(parameters => parameters.Add(part => part.Label, "A text").Add(part => part.Tokens, tokens).Add(part => part.Count, 130));
        int[] Drawn() => [.. text.FindComponents<TokenStretch>().Select(stretch => stretch.RenderCount)];
        Assert.Equal([1, 1, 1], Drawn());
        text.Render(parameters => parameters.Add(part => part.Count, 140));
        Assert.Equal([1, 1, 2], Drawn());
        text.Render(parameters => parameters.Add(part => part.Chosen, 5));
        Assert.Equal([2, 1, 2], Drawn());
        text.Render(parameters => parameters.Add(part => part.Version, 1));
        Assert.Equal([3, 2, 3], Drawn());
    }

    [Fact]
    public async Task Pointer_and_arrow_keys_choose_a_token()
    {
        await using var bench = new PageBench();
        var chosen = new List<int>();
        IRenderedComponent<TokenText> text = bench.Draw<TokenText>(parameters => parameters.Add(part => part.Label, "A text").Add(part => part.Tokens, [Token(0, "a"), Token(1, "b")]).Add(part => part.Count, 2)
            .Add(part => part.Choose, chosen.Add));
        IElement element = text.Find("[role=group]");
        foreach ((string key, int now) in ((string, int)[])[("ArrowRight", -1), ("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 1), ("ArrowLeft", 0), ("x", 0)])
        {
            text.Render(parameters => parameters.Add(part => part.Chosen, now));
            await element.KeyDownAsync(new KeyboardEventArgs { Key = key });
        }
        Assert.Equal([0, 1, 1, 0, 0], chosen);
        await text.InvokeAsync(() => text.Instance.Pointed(0)); // it is the chosen one
        await text.InvokeAsync(() => text.Instance.Pointed(1));
        Assert.Equal([0, 1, 1, 0, 0, 1], chosen);
    }

    [Theory]
    [InlineData("en", "was 50.0 % likely, a surprise of 1.00 bits", "nothing comes before it")]
    [InlineData("zh-CN", "概率 50.0 %, 意外程度 1.00 比特", "它前面什么也没有")]
    public async Task What_was_expected_is_told_and_can_be_taken(string code, string told, string nothing)
    {
        await using var bench = new PageBench(code);
        int? taken = null;
        IRenderedComponent<Alternatives> none = bench.Draw<Alternatives>(parameters => parameters.Add(part => part.Hint, "point").Add(part => part.Token, null));
        Assert.Equal(("point", 0), (none.Seen(".hint"), none.FindAll("li").Count));
        GeneratedToken token = Token(1, " ") with { LogProbability = MathF.Log(0.5f), Alternatives = [Space, Break, Expected(3, Vocabulary.EndToken, 0.1f), Expected(4, "a b", 0.05f)] };
        IRenderedComponent<Alternatives> some = bench.Draw<Alternatives>(parameters => parameters.Add(part => part.Hint, "").Add(part => part.Token, token).Add(part => part.Take, id => taken = id));
        Assert.Equal(told, some.Seen("p > span"));
        Assert.Equal(["␣", "↵", "⏹", "a␣b"], some.FindAll("li .glyph").Select(glyph => glyph.TextContent));
        Assert.Equal(["↵", "⏹", "a␣b"], some.FindAll("button").Select(button => button.TextContent)); // what stands there cannot be taken instead
        Assert.Equal(["0.5", "0.25", "0.1", "0.05"], some.FindAll("meter").Select(meter => meter.GetAttribute("value")));
        await some.FindAll("button")[1].ClickAsync(new MouseEventArgs());
        Assert.Equal(3, taken);
        IRenderedComponent<Alternatives> first = bench.Draw<Alternatives>(parameters => parameters.Add(part => part.Hint, "").Add(part => part.Token, Token(0, "a") with { LogProbability = float.NaN, Alternatives = [Break] }));
        Assert.Equal((nothing, 0), (first.Seen("p > span"), first.FindAll("button").Count)); // nobody takes anything
    }

    [Fact]
    public async Task A_chart_is_drawn_once_for_its_options()
    {
        await using var bench = new PageBench();
        object one = new { a = 1 }, two = new { a = 1 };
        IRenderedComponent<Chart> chart = bench.Draw<Chart>(parameters => parameters.Add(part => part.Label, "Curves").Add(part => part.Options, one));
        Assert.Equal("Curves", chart.Find("[role=img]").GetAttribute("aria-label"));
        chart.Render(parameters => parameters.Add(part => part.Label, "Others"));
        Assert.Equal([one], Drawn());
        chart.Render(parameters => parameters.Add(part => part.Options, two));
        Assert.Equal([one, two], Drawn());

        IEnumerable<object?> Drawn() => bench.Script.Invocations.Where(invocation => invocation.Identifier == "draw").Select(invocation => invocation.Arguments[1]);
    }

    [Theory]
    [InlineData("en", "below 1 bit", "12 bits and more")]
    [InlineData("zh-CN", "不到 1 比特", "12 比特以上")]
    public async Task Colours_of_surprise_are_explained(string code, string least, string most)
    {
        await using var bench = new PageBench(code);
        IRenderedComponent<SurpriseLegend> legend = bench.Draw<SurpriseLegend>();
        Assert.Equal([least, "1–2", "2–4", "4–6", "6–8", "8–12", most], legend.FindAll("li").Select(item => item.TextContent));
        Assert.Equal(["bits0", "bits1", "bits2", "bits3", "bits4", "bits5", "bits6"], legend.FindAll("li").Select(item => item.ClassName));
        Assert.Equal(["bits0", "bits1", "bits6"], ((double[])[0.99, 1, 12]).Select(SurpriseScale.Of));
        Assert.Equal([null, "more1", "less3"], ((double[])[0.4, 0.5, -4]).Select(SurpriseScale.OfDifference));
    }

    [Fact]
    public void Every_word_is_in_its_language()
    {
        foreach (PropertyInfo word in typeof(Words).GetProperties().Where(property => property.PropertyType == typeof(string) && property.Name is not ("Code" or "Name")))
        {
            Assert.False(IsChinese((string)word.GetValue(Words.English)!), word.Name);
            Assert.True(IsChinese((string)word.GetValue(Words.Chinese)!), word.Name);
        }
        Assert.Same(Words.Chinese, Words.Of("zh"));
        Assert.Same(Words.English, Words.Of("fr-FR"));

        static bool IsChinese(string text) => text.Any(letter => letter is >= '\u4e00' and <= '\u9fff');
    }

    private static GeneratedToken Token(int id, string text) => new() { Id = id, Text = text, Offset = id, LogProbability = -1, Alternatives = [] };

    private static TokenPrediction Expected(int id, string text, float probability) => new(id, text, MathF.Log(probability));
}
