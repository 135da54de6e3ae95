using System.Globalization;
using Unroll.Tests.Cli;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>The pages, in a real browser.</summary>
public class PageTests
{
    private const string Text = "It was here.\n\"So,\" said the Time Traveller (at 7), \"it goes on.\"\n    And we sat down again, all of us.\nxqzxqz xqz!\n";

    private static readonly LanguageModel Model = Learned(seed: 1), Other = Learned(seed: 2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Slow]
    public async Task A_link_writes_its_text_and_branches_leave_it()
    {
        await using PageServer pages = await PageServer.StartAsync(Model, Other);
        using var alone = new TextGenerator(Model, threads: 1);
        string text = alone.Generate("It was", new GenerationOptions { Length = 70, Temperature = 0.9, TopK = 12, Seed = 1 }, Stop).Text;
        await Browser.PlayAsync("play", pages.Address, new { link = "/play?model=one&prefix=It%20was&length=70&temperature=0.9&topk=12&pace=once", text });
        Assert.Empty(pages.Failures);
    }

    [Fact, Slow]
    public async Task A_text_is_read_and_coloured()
    {
        await using PageServer pages = await PageServer.StartAsync(Model, Other);
        EvaluationResult result = Evaluator.Evaluate(Model, TextSource.FromString(Text), threads: 1, cancellationToken: Stop);
        string bits = (result.BitsPerToken * result.Tokens).ToString("N2", CultureInfo.InvariantCulture);
        using var scorer = new TextScorer(Model, threads: 1);
        await Browser.PlayAsync("read", pages.Address, new { text = Text, bits, worst = 4, other = "two" });
        Assert.Empty(pages.Failures);
    }

    [Fact, Slow]
    public async Task A_network_is_looked_into()
    {
        await using PageServer pages = await PageServer.StartAsync(Model);
        await Browser.PlayAsync("inside", pages.Address, new { text = Text });
        Assert.Empty(pages.Failures);
    }

    [Fact, Slow]
    public async Task Who_has_no_model_pastes_a_text_and_watches_a_network_learn_it()
    {
        await using PageServer pages = await PageServer.StartAsync();
        await Browser.PlayAsync("runs", pages.Address, new { text = string.Concat(Enumerable.Repeat(Text, 3)) });
        Assert.Empty(pages.Failures);
        Assert.Equal(["model.safetensors", "order.json", "run.jsonl", "text.txt"],
            Directory.GetFiles(Path.Combine(pages.Folder, "unroll-runs", "0001")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact, Slow]
    public async Task A_run_is_paused_and_goes_on_and_survives_the_server()
    {
        await using PageServer pages = await PageServer.StartAsync();
        await Browser.PlayAsync("pause", pages.Address, new { text = string.Concat(Enumerable.Repeat(Text, 30)) });
        await pages.StopAsync(); // it saves
        Assert.True(Checkpoint.ReadMetadata(Path.Combine(pages.Folder, "unroll-runs", "0001", "model.safetensors")).UnderWay);
    }

    [Fact, Slow]
    public async Task Nothing_stands_in_anybodys_way()
    {
        await using PageServer pages = await PageServer.StartAsync(Model, Other);
        await Browser.PlayAsync("access", pages.Address, new { text = Text });
    }

    [Fact, Slow]
    public async Task Where_nothing_is_a_page_says_so_and_leads_home()
    {
        await using PageServer pages = await PageServer.StartAsync(Model);
        await Browser.PlayAsync("nothing", pages.Address, new { expectsErrors = true }); // Chromium counts the status as one
        Assert.Empty(pages.Failures);
    }

    [Fact, Slow]
    public async Task The_language_and_the_colours_stay_as_chosen()
    {
        await using PageServer pages = await PageServer.StartAsync(Model);
        await Browser.PlayAsync("look", pages.Address);
    }

    [Fact, Slow]
    public async Task A_page_says_when_the_server_has_gone()
    {
        await using PageServer pages = await PageServer.StartAsync(Model);
        using var folder = new TemporaryFolder();
        using UnrollProcess browser = Browser.Start("lost", pages.Address, new { expectsErrors = true }, folder.Path);
        Assert.Equal("open", await browser.Out.ReadLineAsync(Stop));
        await pages.StopAsync();
        UnrollOutput output = await Task.Run(browser.Finish, Stop);
        Assert.True(output.ExitCode == 0, output.Error);
    }

    // A little is enough to tell letters from signs.
    private static LanguageModel Learned(ulong seed)
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString(string.Concat(Enumerable.Repeat(Text[..^13], 12))), new TextOptions(), new CorpusOptions());
        LanguageModel model = LanguageModel.Create(corpus, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 24 }, seed);
        new Trainer(model, corpus, new TrainingOptions { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, Batch = 4, SequenceLength = 20, Updates = 150 }, new RunOptions { Threads = 1 })
            .Run(cancellationToken: Stop);
        return model;
    }
}
