using Unroll.Cli.Output;

namespace Unroll.Cli.Exporting;

/// <summary>A model as a web page, and what that costs.</summary>
/// <param name="path">Where the page goes.</param>
/// <param name="options">How it is to be.</param>
internal sealed class WebPageExport(string path, WebPageOptions options)
{
    /// <summary>Whether a file is such a page.</summary>
    public static bool IsOne(string path) => OwnFile.Begins(path, "<meta name=\"generator\" content=\"Unroll\">"u8, within: 1024);

    /// <summary>Writes the page, and says what became of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the page calls it.</param>
    /// <param name="evaluate">Measures how well a model predicts the text to check by; null = there is none.</param>
    public WebPageJson Write(LanguageModel model, string name, Func<LanguageModel, EvaluationResult>? evaluate)
    {
        var page = WebPage.Of(model, name, options);
        page.Save(path);
        LeftOut left = page.LeftOut;
        return new WebPageJson(path, page.Length, options.Bits, page.Model.Members.Count, new LeftOutJson(left.MemoryTokens, left.Networks, left.Ngrams), ExportCheck.Of(model, page.Model, evaluate));
    }

    /// <summary>The same for people.</summary>
    public static void Show(WebPageJson page, Terminal terminal)
    {
        var facts = new Facts();
        facts.Add("page", Figures.Bytes(page.Bytes), page.File);
        facts.Add("weights", $"{page.Bits}", "bits each");
        ExportCheck.SayLeftOut(facts, page.LeftOut.MemoryTokens, "which no page carries");
        if (page.LeftOut.Networks > 0)
            facts.Say("left out", $"{page.LeftOut.Networks} of {page.LeftOut.Networks + page.Networks} networks, for which there is no room (--size)");
        if (page.LeftOut.Ngrams > 0)
            facts.Say("left out", $"what was learned for {Figures.Count(page.LeftOut.Ngrams)} n-grams, for which there is no room (--size)");
        ExportCheck.SayLoss(facts, page.Check, "page");
        facts.Write(terminal.Out, terminal.OutWidth);
    }
}
