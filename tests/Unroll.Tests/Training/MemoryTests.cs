using Unroll.Counts;
using Unroll.Model;
using Unroll.Tests.Data;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>A run that ends with a memory of counts: what it weighs, what it is worth, the same bytes whatever happens to it.</summary>
public class MemoryTests
{
    private const int All = 1 << 20;

    private static readonly ModelOptions Shape = new() { Cell = CellKind.Lstm, HiddenSize = 8 };

    private static readonly TrainingOptions Options = TestRun.Options with { Updates = 30, Dropout = 0.2, Schedule = Schedule.Cosine, MemoryTokens = All, Seed = 5 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_whole_predicts_better_than_the_network_and_the_file_says_so(int members)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = Corpus();
        LanguageModel model = Create(corpus, members);
        TrainingSummary summary = Run(model, corpus, new RunOptions { Out = folder["m"], Threads = 2 }).Summary;
        Assert.True(model.HasMemory);
        Assert.False(model.WithoutMemory().HasMemory);
        Assert.True(summary.ValidationLoss < 0.8 * summary.NetworkLoss, $"{summary.ValidationLoss} is not far below {summary.NetworkLoss}.");

        Checkpoint file = Checkpoint.Read(folder["m"]);
        Assert.Equal(summary, file.Summary);
        Assert.Equal(members, file.Model.Members.Count);
        Assert.Null(file.Training);
        TextSource text = TextSource.FromString(TestRun.Text[^(int)corpus.Validation!.Length..]);
        foreach (LanguageModel either in (LanguageModel[])[model, file.Model])
            Assert.Equal(summary.ValidationLoss!.Value, Evaluator.Evaluate(either, text, threads: 1, cancellationToken: TestContext.Current.CancellationToken).Loss, 1e-9);
        Assert.Equal(summary.NetworkLoss!.Value, Evaluator.Evaluate(file.Model.Members[0].WithoutMemory(), text, threads: 1, cancellationToken: TestContext.Current.CancellationToken).Loss, 1e-9);
    }

    [Theory]
    [InlineData(All)]
    [InlineData(500)]
    public void It_counts_the_end_of_all_that_is_not_for_validation(int tokens)
    {
        using Corpus corpus = Corpus();
        LanguageModel model = Create(corpus, 1);
        Run(model, corpus, new RunOptions { Threads = 1 }, Options with { MemoryTokens = tokens });
        int[] text = [.. CorpusTests.All(corpus.Training), .. CorpusTests.All(corpus.HeldBack!)];
        Assert.Equal(text[^Math.Min(tokens, text.Length)..], model.Memory!.Tokens);
    }

    [Fact]
    public void It_is_weighed_where_neither_learned()
    {
        using Corpus corpus = Corpus();
        LanguageModel model = Create(corpus, 1);
        Run(model, corpus, new RunOptions { Threads = 2 });

        // By hand: token after token, what follows the training text is predicted from what is counted in it.
        int[] before = CorpusTests.All(corpus.Training), text = CorpusTests.All(corpus.HeldBack!);
        int vocabulary = corpus.Vocabulary.Count, count = text.Length - 1;
        CountReader reader = CountMemory.Count(before, corpus.Vocabulary).NewReader();
        reader.SetContext(before);
        using var predictor = Predictor.For(model.WithoutMemory(), new EngineOptions { Rows = 1, Steps = 256, Threads = 1 });
        predictor.Feed(1, before.AsSpan(before.Length - 256));
        float[] network = new float[count * vocabulary], said = new float[count * vocabulary];
        int[] confidences = new int[count];
        for (int i = 0; i < count; i++)
        {
            predictor.Step(text.AsSpan(i, 1));
            predictor.Predict(network.AsSpan(i * vocabulary, vocabulary));
            reader.Feed(text[i]);
            reader.LogProbabilities(said.AsSpan(i * vocabulary, vocabulary));
            confidences[i] = reader.Confidence;
        }
        Assert.Equal(CountBlend.Fit(network, said, confidences, text.AsSpan(1), vocabulary).Weights, model.Memory!.Mixture);
    }

    [Fact]
    public void Without_a_validation_text_nothing_is_measured()
    {
        using Corpus corpus = Corpus(validation: 0);
        LanguageModel model = Create(corpus, 1);
        TrainingSummary summary = Run(model, corpus, new RunOptions { Threads = 1 }).Summary;
        Assert.True(model.HasMemory);
        Assert.Equal((null, null), (summary.ValidationLoss, summary.NetworkLoss));
    }

    [Fact]
    public void Without_a_text_held_back_it_is_refused()
    {
        using Corpus corpus = TestRun.Corpus(0.2);
        Assert.Contains("HeldBack", Assert.Throws<OptionsException>(() => Run(Create(corpus, 1), corpus, new RunOptions())).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Threads_change_no_byte(int members)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = Corpus();
        byte[]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            Run(Create(corpus, members), corpus, new RunOptions { Out = folder["m"], Threads = threads });
            Assert.Equal(first ??= File.ReadAllBytes(folder["m"]), File.ReadAllBytes(folder["m"]));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void Stopped_or_killed_and_resumed_it_ends_in_the_same_bytes(int members, int threads)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = Corpus();
        TrainingResult through = Run(Create(corpus, members), corpus, TestRun.Run(folder["through"]));
        RunOptions run = TestRun.Run(folder["pieces"], resume: true) with { Threads = threads };
        foreach (long stop in (long[])[1, 7])
        {
            Assert.False(Run(Create(corpus, members), corpus, run, stop: stop).Completed);
            Assert.False(Checkpoint.Read(folder["pieces"]).Model.HasMemory);
        }
        var killer = new Reports(report =>
        {
            if (report.Update >= 20)
                throw new TimeoutException();
        });
        Assert.Throws<TimeoutException>(() => new Trainer(Create(corpus, members), corpus, Options, run).Run(killer, TestContext.Current.CancellationToken));
        TrainingResult last = Run(Create(corpus, members), corpus, run);
        Assert.True(last is { Completed: true, Resumed: true });
        Assert.Equal(through.Summary, last.Summary);
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
        Assert.Contains("MemoryTokens", Assert.Throws<UnrollException>(() => Run(Create(corpus, members), corpus, run, Options with { MemoryTokens = 500 })).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_finished_run_gives_its_memory_to_who_asks_again(int members)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = Corpus();
        RunOptions run = new() { Out = folder["m"], Threads = 1 };
        LanguageModel first = Create(corpus, members), again = Create(corpus, members);
        TrainingResult made = Run(first, corpus, run), found = Run(again, corpus, run with { Resume = true });
        Assert.Contains("finished already", found.Notice);
        Assert.Equal(made.Summary, found.Summary);
        Assert.Equal(first.Memory!.Tokens, again.Memory!.Tokens);
        Assert.Equal(first.Memory.Mixture, again.Memory.Mixture);
    }

    [Fact]
    public void It_fits_into_a_budget_and_the_run_can_be_repeated_without_a_clock()
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = Corpus();
        TrainingOptions options = Options with { Updates = 0, Budget = TimeSpan.FromSeconds(60) };
        var trainer = new Trainer(Create(corpus, 1), corpus, options, TestRun.Run(folder["clock"]) with { CheckpointEvery = TimeSpan.FromSeconds(7) })
        {
            Caller = new RunCaller { Time = new FakeClock(TimeSpan.FromSeconds(0.03)) },
        };
        TrainingResult byClock = trainer.Run(cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(byClock.Seconds, 58, 60.6);
        Run(Create(corpus, 1), corpus, new RunOptions { Out = folder["updates"], Threads = 2 }, byClock.Summary.Training!);
        Assert.Equal(File.ReadAllBytes(folder["clock"]), File.ReadAllBytes(folder["updates"]));
    }

    private static Corpus Corpus(double validation = 0.2) =>
        Unroll.Corpus.Load(TextSource.FromString(TestRun.Text), options: new CorpusOptions { Validation = validation, HeldBack = 0.1 });

    private static LanguageModel Create(Corpus corpus, int members) => LanguageModel.Create(corpus.Vocabulary, Shape, seed: 5, members);

    private static TrainingResult Run(LanguageModel model, Corpus corpus, RunOptions run, TrainingOptions? options = null, long? stop = null) =>
        TestRun.Train(model, corpus, options ?? Options, run, stop);
}
