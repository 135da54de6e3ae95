using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>Several networks learn as if each were alone.</summary>
public class MembersTests
{
    private static readonly ModelOptions Shape = new() { Cell = CellKind.Lstm, HiddenSize = 8 };

    private static readonly TrainingOptions Options = TestRun.Options with { Dropout = 0.2, Schedule = Schedule.Cosine, Epochs = 2, Seed = 5 };

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void Each_learns_what_it_would_learn_alone_on_any_number_of_threads(double validation)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(validation, TestRun.Text[..1500]);
        byte[]? first = null;
        foreach (int threads in (int[])[1, 2, 3, 7])
        {
            LanguageModel model = Create(corpus, 3);
            TrainingResult result = Run(model, corpus, new RunOptions { Out = folder["m"], Threads = threads });
            Assert.True(result.Completed);
            Assert.Equal(first ??= File.ReadAllBytes(folder["m"]), File.ReadAllBytes(folder["m"]));
            for (int i = 0; i < 3; i++)
            {
                TrainingOptions own = Options with { Seed = Options.Seed + (ulong)i };
                LanguageModel alone = LanguageModel.Create(corpus.Vocabulary, Shape, own.Seed);
                TrainingResult its = new Trainer(alone, corpus, own, new RunOptions { Threads = 1 }).Run(cancellationToken: TestContext.Current.CancellationToken);
                Assert.Equal(alone.Parameters.Values.ToArray(), model.Members[i].Parameters.Values.ToArray());
                Assert.Equal(3 * its.Summary.Tokens, result.Summary.Tokens);
                Assert.Equal(its.Summary.Updates, result.Summary.Updates);
                if (i == 0)
                    Assert.Equal(its.Summary.ValidationLoss, result.Summary.NetworkLoss);
            }
        }
        Assert.Null(Checkpoint.Read(folder["m"]).Training);
    }

    [Fact]
    public void The_validation_loss_is_the_mixture_s_and_one_network_s_stands_beside_it()
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2);
        LanguageModel model = Create(corpus, 2);
        TrainingResult result = Run(model, corpus, new RunOptions { Threads = 2, Out = folder["m"] });
        EvaluationResult measured = Evaluator.Evaluate(model, TextSource.FromString(TestRun.Text[^(int)corpus.Validation!.Length..]), threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(measured.Loss, result.Summary.ValidationLoss!.Value, 1e-7);
        Assert.Equal(measured.NetworkLoss!.Value, result.Summary.NetworkLoss!.Value, 1e-7);
        Assert.True(result.Summary.ValidationLoss < result.Summary.NetworkLoss);
        Assert.Equal(result.Summary, Checkpoint.Read(folder["m"]).Summary);
    }

    [Fact]
    public void The_caller_is_told_on_its_own_thread_and_of_the_whole()
    {
        using Corpus corpus = TestRun.Corpus(0.2);
        LanguageModel model = Create(corpus, 3);
        int caller = Environment.CurrentManagedThreadId;
        var ends = new List<float[]>();
        var reports = new Reports(report =>
        {
            Assert.Equal(caller, Environment.CurrentManagedThreadId);
            if (!report.EndOfEpoch)
                return;
            // All stand still, equally far.
            Assert.Equal([report.Update, report.Update, report.Update], report.Networks.Select(network => network.Update));
            Assert.Equal(report.Networks.Sum(network => network.Tokens), report.Tokens);
            Assert.Equal(report.Networks.Average(network => network.Loss), report.Loss, 1e-12);
            Assert.True(report.ValidationLoss < report.Networks.Max(network => network.BestValidationLoss));
            Assert.NotEqual(report.Networks[0].Loss, report.Networks[1].Loss);
            ends.Add([.. model.Members.SelectMany(member => member.Parameters.Values.ToArray())]);
        });
        new Trainer(model, corpus, Options, new RunOptions { Threads = 2 }).Run(reports, TestContext.Current.CancellationToken);
        Assert.Equal(2, ends.Count);
        Assert.Equal(1, reports[^1].Fraction);
        Assert.Equal([1, 2], reports.Where(report => report.EndOfEpoch).Select(report => report.Epoch));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stopped_and_resumed_it_ends_in_the_same_bytes(int threads)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2, TestRun.Text[..1500]);
        TrainingResult through = Run(Create(corpus, 3), corpus, TestRun.Run(folder["through"]));
        byte[] expected = File.ReadAllBytes(folder["through"]);
        long all = through.Summary.Updates;
        RunOptions run = TestRun.Run(folder["pieces"], resume: true) with { Threads = threads };
        foreach (long[] stops in (long[][])[[1, 2, 3], [all / 2 - 1, all / 2], [all / 2 + 1], [all - 1]])
        {
            File.Delete(folder["pieces"]);
            foreach (long stop in stops)
            {
                TrainingResult stopped = Run(Create(corpus, 3, seed: File.Exists(folder["pieces"]) ? 77u : 5), corpus, run, stop);
                if (stopped.Completed)
                    break; // a stop meets each network where it is
                Checkpoint half = Checkpoint.Read(folder["pieces"]);
                Assert.NotNull(half.Training);
                Assert.Equal(3, half.Model.Members.Count);
            }
            TrainingResult last = Run(Create(corpus, 3, seed: 77), corpus, run);
            Assert.True(last is { Completed: true, Resumed: true });
            Assert.Equal(through.Summary, last.Summary);
            Assert.Equal(expected, File.ReadAllBytes(folder["pieces"]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Killed_it_goes_on_from_what_was_saved(int threads)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2, TestRun.Text[..1500]);
        Run(Create(corpus, 2), corpus, TestRun.Run(folder["through"]));
        RunOptions run = TestRun.Run(folder["killed"], resume: true) with { Threads = threads };
        foreach (int killAt in (int[])[1, 9, 20, 30])
        {
            var killer = new Reports(report =>
            {
                if (report.Update >= killAt)
                    throw new TimeoutException();
            });
            Exception? killed = Record.Exception(() => new Trainer(Create(corpus, 2, File.Exists(folder["killed"]) ? 77u : 5), corpus, Options, run).Run(killer, TestContext.Current.CancellationToken));
            Assert.True(killed is null or TimeoutException, killed?.ToString());
        }
        Run(Create(corpus, 2, File.Exists(folder["killed"]) ? 77u : 5), corpus, run);
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["killed"]));
    }

    [Fact]
    public void A_finished_run_is_left_as_it_is_and_another_s_is_refused()
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(text: TestRun.Text[..1500]);
        RunOptions run = new() { Out = folder["m"], Threads = 1 };
        TrainingResult first = Run(Create(corpus, 2), corpus, run);
        LanguageModel model = Create(corpus, 2, seed: 77);
        TrainingResult again = Run(model, corpus, run with { Resume = true });
        Assert.Contains("finished already", again.Notice);
        Assert.Equal(first.Summary, again.Summary);
        Assert.Equal(LanguageModel.Load(folder["m"]).Members[1].Parameters.Values.ToArray(), model.Members[1].Parameters.Values.ToArray());
        Assert.Contains("its model has 2 networks, this one 3 networks", Assert.Throws<UnrollException>(() => Run(Create(corpus, 3), corpus, run with { Resume = true })).Message);
        Assert.Contains("its model has 2 networks, this one one network", Assert.Throws<UnrollException>(() => Run(Create(corpus, 1), corpus, run with { Resume = true })).Message);
    }

    [Fact]
    public void Networks_may_differ_in_shape()
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2, TestRun.Text[..1500]);
        LanguageModel Fresh() => LanguageModel.Average(
            LanguageModel.Create(corpus.Vocabulary, Shape, 5), LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 9, Layers = 2 }, 8));
        Run(Fresh(), corpus, new RunOptions { Out = folder["through"], Threads = 2 });
        RunOptions run = TestRun.Run(folder["pieces"], resume: true);
        Run(Fresh(), corpus, run, stop: 4);
        Run(Fresh(), corpus, run);
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
        Assert.Contains("Cell was gru, now lstm", Assert.Throws<UnrollException>(() => Run(Create(corpus, 2), corpus, run)).Message);
    }

    [Fact]
    public void A_network_that_diverges_goes_back_by_itself_and_says_which_it_is()
    {
        using Corpus corpus = TestRun.Corpus(0.2);
        LanguageModel model = Create(corpus, 2);
        List<string> notices = [];
        TrainingResult result = new Trainer(model, corpus, Options, new RunOptions { Threads = 2 }).Run(Saboteur(model, report =>
        {
            if (report.Notice is { } notice)
                notices.Add(notice);
        }), TestContext.Current.CancellationToken);
        Assert.True(result.Completed);
        Assert.Contains("Network 2: The loss became NaN", string.Join(' ', notices));
    }

    [Fact]
    public void A_network_that_may_not_go_back_ends_the_run_and_the_good_models_are_kept()
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2);
        LanguageModel model = Create(corpus, 2);
        float[] good = [];
        RunOptions run = TestRun.Run(folder["m"]) with { Threads = 2 };
        Assert.Throws<TrainingDivergedException>(() => new Trainer(model, corpus, Options with { Rollbacks = 0 }, run).Run(
            Saboteur(model, _ => good = model.Members[1].Parameters.Values.ToArray()), TestContext.Current.CancellationToken));
        Assert.Equal(good, model.Members[1].Parameters.Values.ToArray());
        Assert.Equal(good, Checkpoint.Read(folder["m"]).Model.Members[1].Parameters.Values.ToArray());
    }

    /// <summary>Spoils the second network after the first epoch.</summary>
    private static Reports Saboteur(LanguageModel model, Action<TrainingReport> before)
    {
        bool done = false;
        return new Reports(report =>
        {
            if (done)
            {
                if (report.Notice is not null)
                    before(report);
                return;
            }
            if (report is not { EndOfEpoch: true, Epoch: 1 })
                return;
            before(report);
            done = true;
            model.Members[1].Parameters.Values.Fill(float.NaN);
        });
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"members":7}""")]
    [InlineData("""{"members":[{},{}]}""")]
    [InlineData("""{"members":[{"summary":{}}]}""")]
    [InlineData("""{"members":[{"summary":{},"run":"{}"},{"summary":{},"run":"{}"}]}""")]
    public void A_damaged_state_is_one_sentence(string json)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus();
        RunOptions run = TestRun.Run(folder["m"]);
        Run(Create(corpus, 2), corpus, run, stop: 2);
        Checkpoint whole = Checkpoint.Read(folder["m"]);
        Checkpoint.Write(folder["m"], whole with { Training = whole.Training! with { Json = json } });
        Assert.Contains("damaged", Assert.Throws<UnrollException>(() => Run(Create(corpus, 2), corpus, run with { Resume = true })).Message);
    }

    private static LanguageModel Create(Corpus corpus, int members, ulong seed = 5) => LanguageModel.Create(corpus.Vocabulary, Shape, seed, members);

    private static TrainingResult Run(LanguageModel model, Corpus corpus, RunOptions run, long? stop = null)
    {
        using var cancel = new CancellationTokenSource();
        var stopper = new Reports(report =>
        {
            if (report.Update >= stop)
                cancel.Cancel();
        });
        return new Trainer(model, corpus, Options, run).Run(stopper, cancel.Token);
    }
}
