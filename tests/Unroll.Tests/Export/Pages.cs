using System.Text.Json;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Unroll.Tests.Web;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>Pages that hold models, and their own scripts in node, without a browser (tests/page/ask.mjs).</summary>
internal sealed class Pages : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<object> requests = [];
    private int pages;

    /// <summary>Writes a page.</summary>
    public (WebPage Page, string Path) Make(LanguageModel model, int bits = 16)
    {
        var page = WebPage.Of(model, "model", new WebPageOptions { Bits = bits });
        string path = folder[$"{pages++}.html"];
        page.Save(path);
        return (page, path);
    }

    /// <summary>Notes a question.</summary>
    public void Ask(object request) => requests.Add(request);

    /// <summary>The answers to all questions, in their order; the test is skipped where there is no node.</summary>
    public JsonElement[] Answers()
    {
        if (Node.Find("node") is null)
            Assert.Skip("There is no node here to run a page's scripts (on Debian: apt-get install nodejs).");
        string file = folder.Write("requests.json", JsonSerializer.Serialize(requests));
        using UnrollProcess node = UnrollProcess.Start(folder.Path, "node", [Repository.Path("tests", "page", "ask.mjs"), file]);
        return [.. node.Finish().Succeeded().Json.EnumerateArray()];
    }

    /// <summary>Numbers of an answer; NaN where there is none.</summary>
    public static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];

    public void Dispose() => folder.Dispose();
}
