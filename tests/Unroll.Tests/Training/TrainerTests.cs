using Unroll.Model;
using Unroll.Tests.Model;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class TrainerTests
{
    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    public void StatesAreDroppedOnlyBesideAMemory(CellKind cell)
    {
        Corpus corpus = TestRun.Corpus(0);
        var exception = Assert.Throws<OptionsException>(() =>
            new Trainer(TestRun.Model(corpus, new ModelOptions { Cell = cell, HiddenSize = 4 }), corpus, TestRun.Options with { StateDropout = 0.1 }));
        Assert.Equal("StateDropout", exception.Property);
        Assert.Contains("lstm or cifg as Cell", exception.Message);
    }

    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Cifg)]
    public void LearnsATinyText(CellKind cell)
    {
        Corpus corpus = TestRun.Corpus(text: string.Concat(Enumerable.Repeat("hello world ", 60)));
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { Cell = cell, HiddenSize = 24 });
        var reports = new Reports();
        TrainingResult result = Train(model, corpus, TestRun.Options with { Epochs = 25, LearningRate = 0.02 }, reports);
        Assert.InRange(reports[0].Loss, 1.5, 3);
        Assert.InRange(result.Summary.TrainingLoss, 0, 0.05);
        Assert.True(result.Completed);
        Assert.False(result.Resumed);
    }

    [Fact]
    public void EqualRunsGiveEqualBitsWhateverTheThreadsAndTheSaving()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(validation: 0.1);
        float[] one = Trained(TestRun.Options), again = Trained(TestRun.Options);
        Assert.Equal(one, again);
        Assert.Equal(one, Trained(TestRun.Options, new RunOptions { Threads = 3 }));
        Assert.Equal(one, Trained(TestRun.Options, TestRun.Run(folder["a"])));
        Assert.NotEqual(one, Trained(TestRun.Options with { Seed = 2 }));

        float[] Trained(TrainingOptions options, RunOptions? run = null)
        {
            LanguageModel model = TestRun.Model(corpus);
            Train(model, corpus, options, run: run);
            return model.Parameters.Values.ToArray();
        }
    }

    [Theory]
    [InlineData(WindowOrder.Sequential)]
    [InlineData(WindowOrder.Random)]
    [InlineData(WindowOrder.Reset)]
    public void TheEpochsLossIsTheMeanOverItsPredictionsWithTheStateCarriedOrReset(WindowOrder sampling)
    {
        // With a learning rate too small to move anything, an epoch's mean is what a fixed model loses on its windows.
        Corpus corpus = TestRun.Corpus();
        LanguageModel model = TestRun.Model(corpus);
        foreach (ref float value in model.Parameters.Values)
            value *= 4; // so that the state matters
        TrainingOptions options = TestRun.Options with { LearningRate = 1e-30, Epochs = 1, WindowOrder = sampling };
        var reports = new Reports();
        TrainingResult result = Train(model, corpus, options, reports);
        (double carried, double reset) = (Expected(resetAlways: false), Expected(resetAlways: true));
        Assert.NotEqual(carried, reset, 1e-4);
        Assert.Equal(sampling == WindowOrder.Sequential ? carried : reset, result.Summary.TrainingLoss, 1e-9);
        Assert.Equal(result.Summary.TrainingLoss, reports[^1].Loss);
        Assert.Equal(Math.Exp(reports[^1].Loss), reports[^1].Perplexity);

        double Expected(bool resetAlways)
        {
            WindowEpoch epoch = new WindowStream(corpus.Training, 4, 16, sampling, options.Seed).Epoch(0);
            using CpuEngine engine = Engines.Make(model, 4, 16, training: false);
            int[] inputs = new int[64], targets = new int[64];
            float[] losses = new float[64];
            double sum = 0;
            for (long i = 0; i < epoch.Count; i++)
            {
                if (i == 0 || resetAlways)
                    engine.ResetState();
                epoch.Read(i, inputs, targets);
                engine.Evaluate(4, inputs, targets, losses);
                sum += losses.Sum(loss => (double)loss);
            }
            Assert.Equal(epoch.Count * 64, result.Summary.Tokens);
            return sum / (epoch.Count * 64);
        }
    }

    [Fact]
    public void OneUpdateOfSgdIsTheLearningRateTimesTheClippedGradient()
    {
        Corpus corpus = TestRun.Corpus();
        LanguageModel model = TestRun.Model(corpus), before = TestRun.Model(corpus);
        TrainingOptions options = TestRun.Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.5, Clip = 0.01, Updates = 1 };
        var reports = new Reports();
        TrainingResult result = Train(model, corpus, options, reports);

        using CpuEngine engine = Engines.Make(before, 4, 16, training: true);
        int[] inputs = new int[64], targets = new int[64];
        new WindowStream(corpus.Training, 4, 16, WindowOrder.Sequential, options.Seed).Epoch(0).Read(0, inputs, targets);
        double loss = engine.Train(inputs, targets, options.Seed, 0);
        double norm = Math.Sqrt(engine.Gradients.Sum(g => (double)g * g));
        Assert.True(norm > 0.01);
        Assert.Equal(norm, reports[^1].GradientNorm, 1e-9);
        Assert.Equal(loss, result.Summary.TrainingLoss, 1e-12);
        Assert.Equal(1, result.Summary.Updates);
        Assert.Equal(0, result.Summary.Epochs);
        double moved = 0;
        for (int i = 0; i < model.Parameters.Count; i++)
            moved = Math.Max(moved, Math.Abs(model.Parameters.Values[i] - (before.Parameters.Values[i] - 0.5 * 0.01 / norm * engine.Gradients[i])));
        Assert.InRange(moved, 0, 1e-6);
    }

    [Fact]
    public void RunsAreAsLongAsTheirOptionsSay()
    {
        Corpus corpus = TestRun.Corpus();
        long perEpoch = Train(TestRun.Model(corpus), corpus, TestRun.Options with { Epochs = 1 }).Summary.Updates;
        Assert.InRange(perEpoch, 40, 70);
        Assert.Equal(7, Train(TestRun.Model(corpus), corpus, TestRun.Options with { Updates = 7 }).Summary.Updates);
        TrainingResult beyond = Train(TestRun.Model(corpus), corpus, TestRun.Options with { Epochs = 1, Updates = perEpoch + 3 });
        Assert.Equal((perEpoch + 3, 1), (beyond.Summary.Updates, beyond.Summary.Epochs));
    }

    [Fact]
    public void ABudgetEndsWithTheFirstUpdateAfterIt()
    {
        // Whenever the run looks at the clock, it is 0.2 seconds later: so every update is reported.
        Corpus corpus = TestRun.Corpus();
        var reports = new Reports();
        TrainingResult result = Train(
            TestRun.Model(corpus), corpus, TestRun.Options with { Epochs = 1, Budget = TimeSpan.FromSeconds(30) }, reports, new FakeClock(TimeSpan.FromSeconds(0.2)));
        Assert.True(result.Completed);
        Assert.True(result.Seconds >= 30);
        Assert.InRange(reports.Count, 5, 150);
        Assert.Equal(Enumerable.Range(1, reports.Count), reports.Select(report => (int)report.Update));
        Assert.Equal(reports[^1].Update, result.Summary.Updates);
        Assert.All(reports.SkipLast(1), report => Assert.True(report.Seconds < 31));
        Assert.Equal(1, reports[^1].Fraction);
    }

    [Fact]
    public void ABudgetIsNotSpentWhileTheClockStandsStill()
    {
        // No report but the first and those of the epochs' ends is due. The listener of the twentieth takes an hour.
        Corpus corpus = TestRun.Corpus();
        var clock = new FakeClock();
        var reports = new Reports(report => clock.Advance(TimeSpan.FromSeconds(report.Epoch == 20 ? 3600 : 0)));
        TrainingResult result = Train(TestRun.Model(corpus), corpus, TestRun.Options with { Budget = TimeSpan.FromMilliseconds(1) }, reports, clock);
        Assert.Equal([1, .. Enumerable.Range(1, 21)], reports.Select(report => (int)report.Epoch));
        Assert.Equal((reports[^2].Update + 1, 20), (result.Summary.Updates, result.Summary.Epochs));
    }

    [Fact]
    public void TheStateIsSavedAsOftenAsAskedAndAtTheEndsOfLongEpochs()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        var run = new RunOptions { Out = folder["m"], CheckpointEvery = TimeSpan.FromMinutes(1), Threads = 1 };
        var reports = new Reports();
        Train(TestRun.Model(corpus), corpus, TestRun.Options, reports, new FakeClock(TimeSpan.FromSeconds(1)), run);
        TrainingReport[] saves = [.. reports.Where(report => report.Saved)];
        Assert.Equal([1, 2], saves.Where(save => save.EndOfEpoch).Select(save => save.Epoch));
        double[] within = [0, .. saves.Select(save => save.Seconds)];
        Assert.True(within.Length > 5);
        Assert.All(saves.Zip(within, (save, before) => (save, Pause: save.Seconds - before)), pair => Assert.InRange(pair.Pause, pair.save.EndOfEpoch ? 1 : 58, 75));

        Train(TestRun.Model(corpus), corpus, TestRun.Options, reports = [], new FakeClock(), run);
        Assert.DoesNotContain(reports, report => report.Saved);
    }

    [Fact]
    public void ReportsTellHowFarTheRunIs()
    {
        Corpus corpus = TestRun.Corpus(validation: 0.1);
        var reports = new Reports();
        Train(TestRun.Model(corpus), corpus, TestRun.Options, reports, new FakeClock(TimeSpan.FromSeconds(0.001)));
        TrainingReport[] ends = [.. reports.Where(report => report.EndOfEpoch)];
        Assert.Equal([1, 2, 3], ends.Select(report => (int)report.Epoch));
        Assert.Equal(1, reports[0].Update);
        Assert.Equal([1.0 / 3, 2.0 / 3, 1], ends.Select(report => report.Fraction), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.All(reports, report =>
        {
            Assert.Equal(3, report.Epochs);
            Assert.Equal(report.Update * 64, report.Tokens);
            Assert.Equal(0.01, report.LearningRate);
            Assert.True(report.TokensPerSecond > 0 && report.GradientNorm > 0);
            Assert.Equal(report.EndOfEpoch, report.ValidationLoss is not null);
            Assert.Null(report.Notice);
        });
        Assert.True(reports.Zip(reports.Skip(1)).All(pair => pair.First.Update <= pair.Second.Update));
    }

    [Fact]
    public void TheTimeThatListenersTakeDoesNotCountAsTraining()
    {
        Corpus corpus = TestRun.Corpus();
        var clock = new FakeClock(TimeSpan.FromSeconds(0.01));
        var reports = new Reports(_ => clock.Advance(TimeSpan.FromHours(1)));
        TrainingResult result = Train(TestRun.Model(corpus), corpus, TestRun.Options with { Updates = 2 }, reports, clock);
        Assert.InRange(result.Seconds, 7200, 7201);
        Assert.InRange(result.Summary.Tokens / result.TokensPerSecond, 0.02, 0.1);
    }

    [Fact]
    public void ListenersMaySampleFromTheModelWithoutChangingTheRun()
    {
        Corpus corpus = TestRun.Corpus();
        LanguageModel silent = TestRun.Model(corpus), sampled = TestRun.Model(corpus);
        Train(silent, corpus, TestRun.Options);
        Train(sampled, corpus, TestRun.Options, new Reports(_ =>
        {
            using var generator = new TextGenerator(sampled, threads: 1);
            Assert.NotEmpty(generator.Generate("the ", 5));
        }));
        Assert.Equal(silent.Parameters.Values.ToArray(), sampled.Parameters.Values.ToArray());
    }

    [Fact]
    public void DropoutIsReproducible()
    {
        Corpus corpus = TestRun.Corpus();
        LanguageModel first = TestRun.Model(corpus, new ModelOptions { HiddenSize = 8, Layers = 2 });
        LanguageModel second = TestRun.Model(corpus, first.Options);
        Train(first, corpus, TestRun.Options with { Epochs = 1, Dropout = 0.3 });
        Train(second, corpus, TestRun.Options with { Epochs = 1, Dropout = 0.3 }, run: new RunOptions { Threads = 2 });
        Assert.Equal(first.Parameters.Values.ToArray(), second.Parameters.Values.ToArray());
    }

    [Fact]
    public void ATrainingStepAllocatesNothing()
    {
        Corpus corpus = TestRun.Corpus(text: string.Concat(Enumerable.Repeat(TestRun.Text, 5)));
        LanguageModel model = TestRun.Model(corpus);
        TrainingOptions options = TestRun.Options with { Batch = 2, SequenceLength = 8 };
        // The runtime itself allocates now and then while it compiles; a step that allocates does so every time. What a run
        // allocates before its first step and after its last is the same for both, and there is no report in between.
        Assert.Equal(Allocated(options with { Updates = 100 }), Allocated(options with { Updates = 900 }));

        long Allocated(TrainingOptions options)
        {
            long least = long.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Train(model, corpus, options, progress: null, new FakeClock());
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    [Fact]
    public void AModelThatDoesNotKnowTheTextIsRefused()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus(text: string.Concat(Enumerable.Repeat("other text ", 30))));
        var exception = Assert.Throws<UnrollException>(() => new Trainer(model, TestRun.Corpus()));
        Assert.Contains("vocabulary", exception.Message);
    }

    [Fact]
    public void ATextTooShortForOneMinibatchIsRefused()
    {
        Corpus corpus = TestRun.Corpus(text: "short");
        Assert.Throws<UnrollException>(() => Train(TestRun.Model(corpus), corpus, TestRun.Options));
    }

    [Fact]
    public void BadOptionsAreRefusedBeforeAnythingHappens()
    {
        Corpus corpus = TestRun.Corpus();
        Assert.Throws<OptionsException>(() => new Trainer(TestRun.Model(corpus), corpus, new TrainingOptions { Batch = 0 }));
    }

    private static TrainingResult Train(
        LanguageModel model, Corpus corpus, TrainingOptions options, IProgress<TrainingReport>? progress = null, TimeProvider? time = null, RunOptions? run = null) =>
        new Trainer(model, corpus, options, run ?? new RunOptions { Threads = 1 }) { Caller = new RunCaller { Time = time ?? TimeProvider.System } }
            .Run(progress, TestContext.Current.CancellationToken);
}
