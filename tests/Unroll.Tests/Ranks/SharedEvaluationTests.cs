using Unroll.Cli.Evaluating;
using Unroll.Cli.Output;
using Unroll.Tests.Prediction;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Ranks;

/// <summary>What ranks measure together is what one process measures, however many they are.</summary>
public class SharedEvaluationTests
{
    // Short lines, empty ones, more than one batch of them, and some that are too long to be held.
    private static readonly string Lines = string.Concat(Enumerable.Range(0, 150).Select(i =>
        i % 40 == 7 ? string.Concat(Enumerable.Repeat("The quick brown fox é ", 250 + i)) + "\n" : new string('x', i * i % 7) + (i % 3 == 0 ? "\n" : " of the text\n")));

    [Theory]
    [InlineData(2, 0, false)]
    [InlineData(3, 0, true)]
    [InlineData(3, 5, false)]
    [InlineData(5, 1000, true)]
    public void Lines_are_shared_and_shown_as_by_one_process(int count, int top, bool json)
    {
        LanguageModel model = Models.Create();
        string alone = Report(model, null, top, json);
        Assert.True(alone.Length > 1000);
        string[] each = new string[count];
        SimulatedRanks.Run(count, ranks => each[ranks.Rank] = Report(model, ranks, top, json));
        Assert.All(each, report => Assert.Equal(alone, report));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_line_is_one_rank_s_and_all_have_something_to_do(int count)
    {
        LanguageModel model = Models.Create();
        LineScore[][] each = [.. Enumerable.Range(0, count).Select(rank =>
        {
            using var scorer = new TextScorer(model, threads: 1);
            return scorer.ScoreShares(TextSource.FromString(Lines), rank, count, null, TestContext.Current.CancellationToken).SelectMany(lines => lines).ToArray();
        })];
        Assert.Equal(Enumerable.Range(1, 150).Select(number => (long)number), each.SelectMany(lines => lines).Select(line => line.Number).Order());
        Assert.All(each, lines => Assert.True(lines.Length > 20));
    }

    [Theory]
    [InlineData(2, 64)]
    [InlineData(3, 7)]
    [InlineData(5, 1 << 10)]
    public void Documents_are_shared_and_their_losses_added_up_as_by_one_process(int count, int piece)
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => i % 30 == 4 ? string.Concat(Enumerable.Repeat("Wilhelmina", i)) : new string("anmeli"[i % 6], 1 + i % 5))];
        TextSource text = TextSource.FromString(string.Join('\n', names));
        using var corpus = Corpus.Load(text, new TextOptions { Documents = DocumentKind.Line });
        var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { HiddenSize = 8 });
        int end = model.Vocabulary.EndId!.Value;
        int[] ids = model.Vocabulary.Encode(string.Join('\n', names));

        using var alone = new SequenceScorer(model, threads: 1);
        alone.Start();
        alone.Add([end, .. ids]);
        alone.Finish();
        var each = new (long, double, long)[count];
        SimulatedRanks.Run(count, ranks =>
        {
            // The second hears the same from the others, and of them alone.
            using var scorer = new SequenceScorer(model, threads: 1, keeps: true);
            using var another = new SequenceScorer(model, threads: 1, keeps: true);
            scorer.Start();
            scorer.Add([end]);
            another.Start();
            another.Add([end]);
            var documents = new SharedDocuments(ranks, end, [scorer, another], piece);
            foreach (int[] some in ids.Chunk(100))
                documents.Add(some);
            documents.Finish();
            Assert.Equal((scorer.Count, scorer.LossSum), (another.Count, another.LossSum));
            each[ranks.Rank] = (scorer.Count, scorer.LossSum, ids.Length);
        });
        Assert.All(each, sums => Assert.Equal((alone.Count, alone.LossSum, (long)ids.Length), sums));
    }

    [Fact]
    public void A_text_of_documents_is_measured_by_ranks_as_by_one_process()
    {
        TextSource text = TextSource.FromString("Anna\nBertha\n\nClara\nŽofie\nEmma");
        using var corpus = Corpus.Load(TextSource.FromString("Anna\nBertha\nClara\nEmma"), new TextOptions { Documents = DocumentKind.Line });
        var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { HiddenSize = 8 });
        EvaluationResult alone = Measure(model, text, null);
        SimulatedRanks.Run(3, ranks =>
        {
            EvaluationResult shared = Measure(model, text, ranks);
            Assert.Equal(alone.UnknownTokens, shared.UnknownTokens);
            Assert.Equal(alone with { UnknownTokens = shared.UnknownTokens, Seconds = 0 }, shared with { Seconds = 0 });
        });
    }

    [Fact]
    public void A_rank_with_another_text_or_model_says_so()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", "one");
        folder.Write("b.txt", "two");
        LanguageModel model = Models.Create(), other = Models.Create();
        other.Parameters.Values[0] += 1;
        Assert.Equal("Rank 1 has found another text than the first rank: the same must lie on every machine.", Assert.Throws<UnrollException>(() =>
            SimulatedRanks.Run(2, ranks => SameInputs.Check(ranks, model, [folder[ranks.Rank == 0 ? "a.txt" : "b.txt"]]))).Message);
        Assert.Equal("Rank 2 has found another model than the first rank: the same must lie on every machine.", Assert.Throws<UnrollException>(() =>
            SimulatedRanks.Run(3, ranks => SameInputs.Check(ranks, ranks.Rank == 2 ? other : model, []))).Message);
        SimulatedRanks.Run(2, ranks => SameInputs.Check(ranks, model, [folder["a.txt"]]));
    }

    private static EvaluationResult Measure(LanguageModel model, TextSource text, RankGroup? ranks) =>
        Evaluator.Evaluate(model, text, threads: 1, adapt: false, null, TimeProvider.System, TestContext.Current.CancellationToken, ranks);

    // All that is printed but the speed.
    private static string Report(LanguageModel model, RankGroup? ranks, int top, bool json)
    {
        var bytes = new MemoryStream();
        var terminal = new Terminal(silent: true) { Out = new StreamWriter(bytes) };
        using var scorer = new TextScorer(model, threads: 1);
        using var progress = new CountingLine(terminal, "tokens read");
        var report = new LineReport(terminal, top, ranks);
        if (json)
            report.WriteJson(scorer, TextSource.FromString(Lines), progress);
        else
            report.Write(scorer, TextSource.FromString(Lines), progress);
        terminal.Out.Flush();
        // The width of a column of figures depends on the speed's.
        return string.Join('\n', System.Text.Encoding.UTF8.GetString(bytes.ToArray()).Split('\n')
            .Where(line => !line.StartsWith("speed", StringComparison.Ordinal) && !line.Contains("tokensPerSecond", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }
}
