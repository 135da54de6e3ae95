using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>Who is told of nothing by a page, and who by JSON.</summary>
public class PageAnswerTests
{
    private const string OfChromium = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Fact]
    public async Task A_browser_that_asks_for_nothing_gets_a_page_and_programs_are_told_as_everywhere()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        foreach ((string path, string accept, bool isPage) in ((string, string, bool)[])
        [
            ("/nothing", OfChromium, true), ("/play/nothing?x=1", OfChromium, true), ("/%E6%97%A0", OfChromium, true), ("/nothing.txt", "text/html", true), ("/healthy", OfChromium, true),
            ("/nothing", "*/*", false), ("/nothing", "application/json", false), ("/nothing", "", false),
            ("/v1/nothing", OfChromium, false), ("/v1/models/nobody", OfChromium, false), ("/assets/nothing.css", OfChromium, false), ("/_framework/nothing", OfChromium, false), ("/openapi/v2.json", OfChromium, false),
        ])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (accept.Length > 0)
                request.Headers.TryAddWithoutValidation("Accept", accept);
            Answer answer = await server.SendAsync(request);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.Status));
            if (isPage)
                Assert.StartsWith("<!DOCTYPE html>", answer.Text.TrimStart('\uFEFF'));
            else
                answer.Refused(HttpStatusCode.NotFound, path == "/v1/models/nobody" ? "model" : null);
        }
        var post = new HttpRequestMessage(HttpMethod.Post, "/nothing") { Headers = { { "Accept", "text/html" } } };
        (await server.SendAsync(post)).Refused(HttpStatusCode.NotFound, null, "not_found");
        Assert.Empty(server.Failures);
    }

    [Theory]
    [InlineData("en-GB", "lang=\"en\"")]
    [InlineData("zh-CN", "lang=\"zh-CN\"")]
    public async Task The_page_is_as_the_others_are(string language, string expected)
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        foreach (string path in (string[])["/nothing", "/read"])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", OfChromium }, { "Accept-Language", language } } };
            using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains(expected, page);
            Assert.StartsWith("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single());
        }
    }

    [Fact]
    public async Task What_a_page_names_is_there_and_pages_that_hold_a_model_look_the_same()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match name in Regex.Matches((await server.GetAsync("/read")).Text, "(?:href|src)=\"((?:assets|_framework)/[^\"]+)\""))
            files.Add(name.Groups[1].Value, (await server.GetAsync($"/{name.Groups[1].Value}")).Succeeded().Text);
        Assert.Equal(["_framework/blazor.web.js", "assets/icon.svg", "assets/looks.css", "assets/pages.css"], files.Keys.Order(StringComparer.Ordinal));
        using var exported = new MemoryStream();
        WebPage.Of(server.Model, "model").Save(exported);
        string page = Encoding.UTF8.GetString(exported.ToArray()), looks = files["assets/looks.css"].ReplaceLineEndings("\n");
        Assert.Contains(looks, page);
        Assert.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(files["assets/icon.svg"])), page);
        CheckColours(looks + Regex.Match(page, "<style>(.*)</style>", RegexOptions.Singleline).Groups[1].Value.Replace(looks, ""));
        CheckColours(looks + files["assets/pages.css"]);
    }

    // Whatever has a colour by its name has one in the light and in the dark, and the same dark whoever has chosen it.
    private static void CheckColours(string styles)
    {
        Dictionary<string, string> light = Block(@"^:root"), dark = Block(@"^:root\[data-theme=dark\]");
        Assert.Equal(dark, Block(@"^    :root\[data-theme=auto\]"));
        Assert.Equal(light.Keys.Order(StringComparer.Ordinal), dark.Keys.Order(StringComparer.Ordinal));
        Assert.All(Regex.Matches(styles, @"var\((--\w+(?:-\w+)*)\)"), used => Assert.Contains(used.Groups[1].Value, light.Keys));

        Dictionary<string, string> Block(string head) => Regex.Matches(styles, head + @" \{([^}]*)\}", RegexOptions.Multiline)
            .SelectMany(block => Regex.Matches(block.Groups[1].Value, @"([\w-]+): ([^;]+);"))
            .ToDictionary(pair => pair.Groups[1].Value, pair => pair.Groups[2].Value, StringComparer.Ordinal);
    }
}
