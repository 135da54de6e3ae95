using Unroll.Cli.Output;

namespace Unroll.Cli.Exporting;

/// <summary>A model as a web page, and what that costs.</summary>
/// <param name="path">Where the page goes.</param>
/// <param name="options">How it is to be.</param>
internal sealed class WebPageExport(string path, WebPageOptions options)
{
    /// <summary>Writes the page, and says what became of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the page calls it.</param>
    /// <param name="evaluate">Measures how well a model predicts the text to check by; null = there is none.</param>
    public WebPageJson Write(LanguageModel model, string name, Func<LanguageModel, EvaluationResult>? evaluate)
    {
        var page = WebPage.Of(model, name, options);
        page.Save(path);
        LeftOut left = page.LeftOut;
        CheckJson? check = null;
        if (evaluate is not null)
        {
            EvaluationResult whole = evaluate(model);
            check = new CheckJson(whole.Tokens, JsonOutput.Finite(whole.Loss), JsonOutput.Finite(evaluate(page.Model).Loss));
        }
        return new WebPageJson(path, page.Length, options.Bits, page.Model.Members.Count, new LeftOutJson(left.MemoryTokens, left.Networks, left.Ngrams), check);
    }

    /// <summary>The same for people.</summary>
    public static void Show(WebPageJson page, Terminal terminal)
    {
        var facts = new Facts();
        facts.Add("page", Figures.Bytes(page.Bytes), page.File);
        facts.Add("weights", $"{page.Bits}", "bits each");
        if (page.LeftOut.MemoryTokens > 0)
            facts.Say("left out", $"the memory of counts ({Figures.Count(page.LeftOut.MemoryTokens)} tokens), which no page carries");
        if (page.LeftOut.Networks > 0)
            facts.Say("left out", $"{page.LeftOut.Networks} of {page.LeftOut.Networks + page.Networks} networks, for which there is no room (--size)");
        if (page.LeftOut.Ngrams > 0)
            facts.Say("left out", $"what was learned for {Figures.Count(page.LeftOut.Ngrams)} n-grams, for which there is no room (--size)");
        if (page.Check is { } check)
        {
            facts.Add("loss", Loss(check.Loss), $"nats per token, of the model, over {Figures.Count(check.Tokens)} tokens");
            facts.Add("loss of the page", Loss(check.PageLoss), check is { Loss: double whole, PageLoss: double own } ? $"nats per token: {Difference(own - whole)}" : "nats per token");
        }
        facts.Write(terminal.Out, terminal.OutWidth);
    }

    private static string Loss(double? loss) => loss is double number ? Figures.Precise(number) : "∞";

    private static string Difference(double more) => FormattableString.Invariant($"{(more < 0 ? "−" : "+")}{Math.Abs(more):0.000000}");
}
