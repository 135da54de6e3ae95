using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

[Slow]
public class ResumeTests
{
    public static TheoryData<OptimizerKind, Schedule, WindowOrder, CellKind, double> Runs => new()
    {
        { OptimizerKind.Sgd, Schedule.Constant, WindowOrder.Sequential, CellKind.Rnn, 0 },
        { OptimizerKind.Adam, Schedule.Cosine, WindowOrder.Sequential, CellKind.Lstm, 0.2 },
        { OptimizerKind.AdamW, Schedule.Linear, WindowOrder.Random, CellKind.Gru, 0.2 },
        { OptimizerKind.Adam, Schedule.Constant, WindowOrder.Reset, CellKind.Lstm, 0 },
        { OptimizerKind.Adam, Schedule.Constant, WindowOrder.Sequential, CellKind.Cifg, 0 },
        { OptimizerKind.Sgd, Schedule.Plateau, WindowOrder.Sequential, CellKind.Rnn, 0.2 },
        { OptimizerKind.Adam, Schedule.Power, WindowOrder.Sequential, CellKind.Gru, 0 },
        { OptimizerKind.AdamW, Schedule.Power, WindowOrder.Sequential, CellKind.Lstm, 0.2 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void AStoppedRunEndsInTheSameBytes(OptimizerKind optimizer, Schedule schedule, WindowOrder sampling, CellKind cell, double validation)
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(validation, TestRun.Text[..1200]);
        bool sampled = schedule == Schedule.Power;
        var model = new ModelOptions { Cell = cell, HiddenSize = 8, Layers = 2, EmbeddingSize = sampled ? 5 : 0 };
        TrainingOptions options = TestRun.Options with
        {
            Optimizer = optimizer,
            Schedule = schedule,
            WindowOrder = sampling,
            Warmup = 5,
            WeightDecay = 0.01,
            Momentum = schedule == Schedule.Plateau ? 0.5 : 0,
            PlateauPatience = 1,
            TailAverage = schedule == Schedule.Power ? 0.7 : 0,
            Cooldown = schedule == Schedule.Power ? 0.6 : 1,
            Dropout = 0.2,
            DropoutMask = cell == CellKind.Cifg ? DropoutMask.Locked : DropoutMask.Fresh,
            StateDropout = cell == CellKind.Cifg ? 0.2 : 0,
            InputDropout = cell == CellKind.Cifg ? 0.1 : 0,
            ActivationPenalty = cell == CellKind.Cifg ? 1 : 0,
            SoftmaxSample = sampled ? 3 : 0,
            LearningRate = optimizer == OptimizerKind.Sgd ? 0.5 : 0.01,
            Epochs = 3,
        };
        TrainingResult through = Run(model, corpus, options, TestRun.Run(folder["through"]));
        byte[] expected = File.ReadAllBytes(folder["through"]);
        long perEpoch = through.Summary.Updates / 3;

        foreach (long[] stops in (long[][])[[1], [2, 3, 4], [perEpoch - 1], [perEpoch], [perEpoch + 1, perEpoch + 2], [2 * perEpoch, through.Summary.Updates - 1]])
        {
            File.Delete(folder["pieces"]);
            foreach (long stop in stops)
                Assert.False(Run(model, corpus, options, TestRun.Run(folder["pieces"], resume: true), stop).Completed);
            TrainingResult last = Run(model, corpus, options, TestRun.Run(folder["pieces"], resume: true));
            Assert.True(last is { Completed: true, Resumed: true });
            Assert.Equal(through.Summary, last.Summary);
            Assert.Equal(expected, File.ReadAllBytes(folder["pieces"]));
        }
    }

    [Fact]
    public void ARunCountedInUpdatesResumesTooAndInsideItsLastEpoch()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(0.2);
        TrainingOptions options = TestRun.Options with { Updates = 70, Schedule = Schedule.Cosine };
        Run(null, corpus, options, TestRun.Run(folder["through"]));
        Run(null, corpus, options, TestRun.Run(folder["pieces"]), 66);
        Run(null, corpus, options, TestRun.Run(folder["pieces"], resume: true));
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
    }

    [Theory]
    [InlineData(DocumentKind.None)]
    [InlineData(DocumentKind.Line)]
    public void AVocabularyThatIsLearnedAgainIsTheSameRuns(DocumentKind documents)
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = TestRun.Options with { Updates = 20 };
        Run(null, Learned(300), options, TestRun.Run(folder["through"]));
        Run(null, Learned(300), options, TestRun.Run(folder["pieces"]), 7);
        Assert.Contains("VocabularySize was 300, now 290", Assert.Throws<UnrollException>(() =>
            Run(null, Learned(290), options, TestRun.Run(folder["pieces"], resume: true))).Message);
        Run(null, Learned(300), options, TestRun.Run(folder["pieces"], resume: true));
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));

        Corpus Learned(int size) => Corpus.Load(
            TextSource.FromString(documents == DocumentKind.None ? TestRun.Text : TestRun.Text.Replace('.', '\n')),
            new TextOptions { Tokens = TokenKind.Bpe, Documents = documents }, new CorpusOptions { Validation = 0.1, VocabularySize = size });
    }

    [Fact]
    public void AKilledRunGoesOnFromItsLastSave()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(0.2);
        TrainingOptions options = TestRun.Options;
        Run(null, corpus, options, TestRun.Run(folder["through"]));
        // A listener that throws ends the run as a kill does: nothing after the last save reaches the file.
        foreach (int killAt in (int[])[3, 40, 50])
        {
            var killer = new Reports(report =>
            {
                if (report.Update >= killAt)
                    throw new TimeoutException();
            });
            Assert.Throws<TimeoutException>(() => new Trainer(TestRun.Model(corpus), corpus, options, TestRun.Run(folder["killed"], resume: true)).Run(killer));
        }
        Run(null, corpus, options, TestRun.Run(folder["killed"], resume: true));
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["killed"]));
    }

    [Fact]
    public void ARunCancelledDuringValidationMeasuresWhenItGoesOn()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(0.4);
        TrainingOptions options = TestRun.Options with { Epochs = 2 };
        Run(null, corpus, options, TestRun.Run(folder["through"]));
        long perEpoch = Run(null, corpus, options with { Epochs = 1 }, TestRun.Run()).Summary.Updates;

        // Stopped by a token that is set when the epoch's last update is done, before its validation.
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        for (long update = 1; update <= perEpoch; update++)
            Assert.False(new Trainer(TestRun.Model(corpus), corpus, options, TestRun.Run(folder["pieces"], resume: true)).Run(null, cancel.Token).Completed);
        Checkpoint checkpoint = Checkpoint.Read(folder["pieces"]);
        Assert.Equal((perEpoch, 0, null), (checkpoint.Summary!.Updates, checkpoint.Summary.Epochs, checkpoint.Summary.ValidationLoss));

        Run(null, corpus, options, TestRun.Run(folder["pieces"], resume: true));
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
    }

    [Fact]
    public void OtherOptionsAreRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(0.1);
        TrainingOptions options = TestRun.Options;
        RunOptions run = TestRun.Run(folder["m"]);
        Run(null, corpus, options, run, 2);
        byte[] before = File.ReadAllBytes(folder["m"]);

        run = run with { Resume = true };
        Assert.Contains("LearningRate was 0.01, now 0.02", Refused(options with { LearningRate = 0.02 }));
        Assert.Contains("WeightDecay was 0, now 0.5", Refused(options with { WeightDecay = 0.5 }));
        Assert.Contains("Budget was none, now 00:03:00", Refused(options with { Budget = TimeSpan.FromMinutes(3) }));
        string two = Refused(options with { Optimizer = OptimizerKind.AdamW, Epochs = 4 });
        Assert.Contains("Optimizer was adam, now adamw", two);
        Assert.Contains("Epochs was 3, now 4", two);
        Assert.Contains("HiddenSize was 12, now 13", Refused(options, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 13 }));
        Assert.Contains("ResetGate was after, now before", Refused(options, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 12, ResetGate = ResetGate.Before }));
        Assert.Contains("Validation was 0.1, now 0.2", Refused(options, corpus: TestRun.Corpus(0.2)));
        Assert.Contains("text", Refused(options, corpus: TestRun.Corpus(0.1, TestRun.Text + "the cat.")));
        Assert.Equal(before, File.ReadAllBytes(folder["m"]));

        // Threads and saving are no part of what a run is.
        Assert.True(Run(null, corpus, options, run with { Threads = 2, CheckpointEvery = TimeSpan.FromSeconds(99) }).Completed);

        string Refused(TrainingOptions options, ModelOptions? model = null, Corpus? corpus = null)
        {
            corpus ??= TestRun.Corpus(0.1);
            return Assert.Throws<UnrollException>(() => Run(model, corpus, options, run)).Message;
        }
    }

    [Fact]
    public void ARunOfTheFirstVersionIsRefusedInOneSentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m"], Checkpoints.TestModels.FirstVersion());
        string message = Assert.Throws<UnrollException>(() => Run(null, TestRun.Corpus(), TestRun.Options, TestRun.Run(folder["m"], resume: true))).Message;
        Assert.Equal(
            $"The run in '{folder["m"]}' was begun by Unroll 0.1, whose results differ from this version's in their last bits, and cannot be resumed: "
            + "run without Resume to start over.",
            message);
    }

    [Fact]
    public void WithoutAFileTheRunStartsAfreshAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        var reports = new Reports();
        TrainingResult result = new Trainer(TestRun.Model(corpus), corpus, TestRun.Options, TestRun.Run(folder["new"], resume: true))
            .Run(reports, TestContext.Current.CancellationToken);
        Assert.False(result.Resumed);
        Assert.Contains("starts afresh", result.Notice);
        Assert.Equal(result.Notice, reports[0].Notice);
        Assert.All(reports.Skip(1), report => Assert.Null(report.Notice));
    }

    [Fact]
    public void AResumedRunSaysSo()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        TrainingOptions options = TestRun.Options;
        RunOptions run = TestRun.Run(folder["m"]);
        Run(null, corpus, options, run, 5);
        var reports = new Reports();
        TrainingResult result = new Trainer(TestRun.Model(corpus, seed: 9), corpus, options, run with { Resume = true }).Run(reports, TestContext.Current.CancellationToken);
        Assert.True(result.Resumed);
        Assert.Contains("after 5 updates", reports[0].Notice);
        Assert.Equal(6, reports[0].Update);
    }

    [Fact]
    public void AFinishedRunIsLeftAsItIs()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        TrainingOptions options = TestRun.Options;
        RunOptions run = TestRun.Run(folder["m"]);
        TrainingResult first = Run(null, corpus, options, run);
        byte[] before = File.ReadAllBytes(folder["m"]);

        LanguageModel model = TestRun.Model(corpus, seed: 7);
        var reports = new Reports();
        TrainingResult second = new Trainer(model, corpus, options, run with { Resume = true }).Run(reports, TestContext.Current.CancellationToken);
        Assert.True(second is { Completed: true, Resumed: true });
        Assert.Contains("finished already", second.Notice);
        Assert.Equal(first.Summary, second.Summary);
        Assert.Empty(reports);
        Assert.Equal(LanguageModel.Load(folder["m"]).Parameters.Values.ToArray(), model.Parameters.Values.ToArray());
        Assert.Equal(before, File.ReadAllBytes(folder["m"]));
    }

    [Fact]
    public void AnotherRunsFinishedModelIsNotThrownAway()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        TrainingOptions options = TestRun.Options with { Epochs = 1 };
        RunOptions run = TestRun.Run(folder["m"]);
        Run(null, corpus, options, run);
        byte[] before = File.ReadAllBytes(folder["m"]);
        string message = Assert.Throws<UnrollException>(() => Run(null, corpus, options with { Epochs = 2 }, run with { Resume = true })).Message;
        Assert.Contains("Epochs was 1, now 2", message);
        Assert.Contains("run without Resume", message);

        TestRun.Model(corpus).Save(folder["m"]);
        Assert.Contains("does not say how", Assert.Throws<UnrollException>(() => Run(null, corpus, options, run with { Resume = true })).Message);
        Assert.NotEqual(before, File.ReadAllBytes(folder["m"]));
    }

    [Theory]
    [InlineData("""{"epoch":0}""")]
    [InlineData("""{}""")]
    public void ADamagedStateIsOneSentence(string json) =>
        Damaged(checkpoint => checkpoint with { Training = checkpoint.Training! with { Json = json } });

    [Theory]
    [InlineData("first_moment")]
    [InlineData("second_moment")]
    [InlineData("hidden_l0")]
    public void AMissingOrShortTensorIsOneSentence(string name)
    {
        Damaged(checkpoint => checkpoint with { Training = Changed(checkpoint.Training!, tensors => tensors.Remove(name)) });
        Damaged(checkpoint => checkpoint with { Training = Changed(checkpoint.Training!, tensors => tensors[name] = [1, 2]) });
    }

    private static TrainingSnapshot Changed(TrainingSnapshot snapshot, Action<Dictionary<string, float[]>> change)
    {
        var tensors = new Dictionary<string, float[]>(snapshot.Tensors);
        change(tensors);
        return snapshot with { Tensors = tensors };
    }

    private static void Damaged(Func<Checkpoint, Checkpoint> damage)
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus();
        TrainingOptions options = TestRun.Options;
        RunOptions run = TestRun.Run(folder["m"]);
        Run(null, corpus, options, run, 2);
        Checkpoint.Write(folder["m"], damage(Checkpoint.Read(folder["m"])));
        Assert.Contains("damaged", Assert.Throws<UnrollException>(() => Run(null, corpus, options, run with { Resume = true })).Message);
    }

    /// <summary>Runs with a fresh model (another one where its weights should come from the file); with a stop, cancelled when
    /// that many updates are done.</summary>
    private static TrainingResult Run(ModelOptions? model, Corpus corpus, TrainingOptions options, RunOptions run, long? stop = null)
    {
        using var cancel = new CancellationTokenSource();
        var stopper = new Reports(report =>
        {
            if (report.Update >= stop)
                cancel.Cancel();
        });
        return new Trainer(TestRun.Model(corpus, model, seed: run.Resume && File.Exists(run.Out) ? 99u : 1), corpus, options, run).Run(stopper, cancel.Token);
    }
}
