using System.Globalization;
using System.Text.Json;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Unroll.Tests.Data;
using Unroll.Tests.Web;
using Unroll.Tests.Web.Pages;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>A page that holds a model, opened from its file in a real browser (tests/browser/export.mjs).</summary>
public class BrowserTests
{
    private const string Text = "It was here.\n\"So,\" said the Time Traveller (at 7), \"it goes on.\"\n    And we sat down again, all of us.\nxqzxqz xqz!\n";

    private const string Hash = "#prefix=It+was&length=70&temperature=1.2&topk=12&topp=0.8&minp=0.05&pace=once";

    private static readonly GenerationOptions Settings = new() { Length = 70, Temperature = 1.2, TopK = 12, TopP = 0.8, MinP = 0.05, Seed = 1 };

    private static readonly Lazy<LanguageModel> Model = new(() => Learned(
        TextSource.FromString(string.Concat(Enumerable.Repeat(Text[..^13], 12))), new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 24 }, updates: 150));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Slow]
    public async Task An_address_writes_its_text_and_branches_leave_it()
    {
        await PlayAsync("play", new { hash = Hash, text = Written(Settings), likeliest = Written(new GenerationOptions { Length = 70, Temperature = 0 }) });
    }

    [Fact, Slow]
    public async Task A_browser_without_web_assembly_does_the_same() =>
        await PlayAsync("plain", new { hash = Hash, text = Written(Settings) });

    [Fact, Slow]
    public async Task A_text_is_read_and_coloured()
    {
        EvaluationResult result = Evaluator.Evaluate(WebPage.Of(Model.Value, "model").Model, TextSource.FromString(Text), threads: 1, cancellationToken: Stop);
        string bits = (result.BitsPerToken * result.Tokens).ToString("N2", CultureInfo.InvariantCulture);
        await PlayAsync("read", new { text = Text, bits, worst = 4 });
    }

    [Fact, Slow]
    public async Task Nothing_stands_in_anybodys_way() => await PlayAsync("access", new { text = Text });

    [Fact, Slow]
    public async Task The_language_and_the_colours_change() => await PlayAsync("look", new { });

    [Fact, Slow]
    public async Task Ten_thousand_characters_are_as_likely_as_evaluate_says()
    {
        Browser.SkipWithout();
        TextSource story = TextSource.FromString(string.Concat(TextSource.Story.Read())), chinese = TextSource.FromString(File.ReadAllText(RealTexts.Path("four-novels-zh.txt"))[..60_000]);
        using var folder = new TemporaryFolder();
        var models = new List<object>();
        foreach ((TextSource text, ModelOptions shape) in ((TextSource, ModelOptions)[])[
            (story, new() { Cell = CellKind.Rnn, HiddenSize = 64 }),
            (story, new() { Cell = CellKind.Gru, HiddenSize = 64, Layers = 2, EmbeddingSize = 24 }),
            (story, new() { Cell = CellKind.Lstm, HiddenSize = 64 }),
            (chinese, new() { Cell = CellKind.Cifg, HiddenSize = 64, EmbeddingSize = 32 })])
        {
            LanguageModel model = Learned(text, shape, updates: 200);
            string read = string.Concat(string.Concat(text.Read()).Take(10_000)), name = $"{models.Count}";
            WebPage.Of(model, name).Save(folder[$"{name}.html"]);
            using var predictor = new TextPredictor(model, threads: 1);
            predictor.SetState(new RecurrentState(model));
            models.Add(new
            {
                file = new Uri(folder[$"{name}.html"]).AbsoluteUri,
                text = folder.Write($"{name}.txt", read),
                expected = folder.Write($"{name}.json", JsonSerializer.Serialize(predictor.Score(read, Stop).Select(token => token.LogProbability))),
            });
        }
        await Browser.PlayAsync("score", new Uri("about:blank"), new { models }, "export.mjs");
    }

    [Fact, Slow]
    public void The_kernel_s_bytes_are_what_its_source_says()
    {
        Browser.SkipWithout();
        using UnrollProcess node = Node.Start("browser", [Repository.Path("src", "Unroll", "Export", "Page", "kernel.mjs"), ".", "--check"]);
        node.Finish().Succeeded();
    }

    private static string Written(GenerationOptions options)
    {
        using var generator = new TextGenerator(WebPage.Of(Model.Value, "model").Model, threads: 1);
        return generator.Generate("It was", options, Stop).Text;
    }

    private static async Task PlayAsync(string scenario, object given)
    {
        Browser.SkipWithout();
        using var folder = new TemporaryFolder();
        WebPage.Of(Model.Value, "model").Save(folder["model.html"]);
        await Browser.PlayAsync(scenario, new Uri(folder["model.html"]), given, "export.mjs");
    }

    private static LanguageModel Learned(TextSource text, ModelOptions shape, int updates)
    {
        using Corpus corpus = Corpus.Load(text, new TextOptions(), new CorpusOptions());
        LanguageModel model = LanguageModel.Create(corpus, shape, seed: 1);
        new Trainer(model, corpus, new TrainingOptions { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, Batch = 4, SequenceLength = 20, Updates = updates }, new RunOptions { Threads = 1 })
            .Run(cancellationToken: Stop);
        return model;
    }
}
