using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>When a run measures, ends before its end, and goes back.</summary>
public class RunControlTests
{
    [Fact]
    public void MeasurementsAreAtEqualFractionsAndAtTheVeryEnd()
    {
        Assert.Equal([10, 20, 30, 40], Measured(TestRun.Options with { Updates = 40, Measurements = 4 }));
        Assert.Equal([15, 29, 43], Measured(TestRun.Options with { Updates = 43, Measurements = 3 })); // the first update after each third
        Assert.Equal([7], Measured(TestRun.Options with { Updates = 7, Measurements = 1 }));
        // By epochs too, which they do not follow: three epochs, two measurements.
        long[] byEpochs = Measured(TestRun.Options with { Epochs = 3, Measurements = 2 });
        Assert.Equal(2, byEpochs.Length);
        Assert.Equal(byEpochs[1] / 2, byEpochs[0], 1.0);
    }

    [Fact]
    public void MeasurementsKeepADistance()
    {
        // 5 × 589 validation tokens are 46 updates of 64 predictions.
        long[] measured = Measured(TestRun.Options with { Updates = 200, Measurements = 100 });
        Assert.Equal([46, 92, 138, 184, 200], measured);
    }

    [Fact]
    public void ARunEndsWhenItHasGotNoBetterForTooLong()
    {
        using var folder = new TemporaryFolder();
        (Corpus corpus, TrainingOptions options) = Overfitting();
        var reports = new Reports();
        TrainingResult result = Run(corpus, options, folder["m"], reports);
        double[] losses = [.. reports.Where(report => report.ValidationLoss is not null).Select(report => report.ValidationLoss!.Value)];
        int best = losses.IndexOf(losses.Min());
        Assert.Equal(best + 3, losses.Length);
        Assert.True(result.Completed && losses.Length < options.Measurements);
        Assert.Equal(losses[best], result.Summary.ValidationLoss);
        Assert.StartsWith("The last 2 measurements were no better than the best: the run ends after ", reports.Last(report => report.Notice is not null).Notice);
        Assert.Equal(1, reports[^1].Fraction);

        // Such a run is finished, and resumes to the same bytes wherever it is stopped.
        Assert.Contains("finished already", Run(corpus, options, folder["m"]).Notice);
        foreach (long stop in (long[])[1, result.Summary.Updates / 2, result.Summary.Updates - 1])
            Run(corpus, options, folder["pieces"], stop: stop);
        Assert.True(Run(corpus, options, folder["pieces"]).Completed);
        Assert.Equal(File.ReadAllBytes(folder["m"]), File.ReadAllBytes(folder["pieces"]));
    }

    [Fact]
    public void PatienceNeedsSomethingToMeasureOn()
    {
        Corpus corpus = TestRun.Corpus();
        Assert.Contains("Validation", Assert.Throws<OptionsException>(() => new Trainer(TestRun.Model(corpus), corpus, TestRun.Options with { Patience = 3 })).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void ALossThatRunsAwayLeadsBackToTheLastGoodModelAndHalfTheRate(double validation)
    {
        using var folder = new TemporaryFolder();
        (Corpus corpus, LanguageModel model, TrainingOptions options) = Exploding(validation);
        var reports = new Reports();
        TrainingResult result = new Trainer(model, corpus, options, TestRun.Run(folder["through"])).Run(reports, TestContext.Current.CancellationToken);
        string[] notices = [.. reports.Where(report => report.Notice is not null).Select(report => report.Notice!)];
        Assert.NotEmpty(notices);
        Assert.All(notices, notice => Assert.Matches(@"^The (loss|gradient) .* at update \d+: back to the model .*, and on at 1/\d of the learning rate\.$", notice));
        Assert.Equal(options.LearningRate / (1 << notices.Length), reports[^1].LearningRate);
        Assert.True(result.Completed);
        Assert.InRange(result.Summary.TrainingLoss, 0, 3);

        // Stopped anywhere, also between the explosion and the next measurement, it goes the same way.
        foreach (long every in (long[])[1, 7])
        {
            File.Delete(folder["pieces"]);
            for (long stop = every; !Piece(stop).Completed; stop += every)
                Assert.True(stop < 1000);
            Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
        }

        TrainingResult Piece(long stop)
        {
            using var cancel = new CancellationTokenSource();
            var stopper = new Reports(report =>
            {
                if (report.Update >= stop)
                    cancel.Cancel();
            });
            (_, LanguageModel fresh, _) = Exploding(validation);
            return new Trainer(fresh, corpus, options, TestRun.Run(folder["pieces"], resume: true)).Run(stopper, cancel.Token);
        }
    }

    [Fact]
    public void ARunGivesUpAfterSoManyTimes()
    {
        (Corpus corpus, LanguageModel model, TrainingOptions options) = Exploding(0);
        float[] before = model.Parameters.Values.ToArray();
        var reports = new Reports();
        var exception = Assert.Throws<TrainingDivergedException>(() => new Trainer(model, corpus, options with { LearningRate = 1e9, Rollbacks = 2 }, TestRun.Run()).Run(reports));
        Assert.Contains("though the run had gone back to a good model 2 times and halved the rate each time", exception.Message);
        Assert.Equal(["1/2", "1/4"], reports.Where(report => report.Notice is not null).SelectMany(report => report.Notice!.Split(' ').Where(word => word.StartsWith("1/", StringComparison.Ordinal))));
        Assert.Equal(before, model.Parameters.Values.ToArray());
    }

    private static long[] Measured(TrainingOptions options)
    {
        var reports = new Reports();
        // 589 tokens to measure on, or 10 where the distance is not to matter.
        Corpus corpus = options.Measurements >= 100 ? TestRun.Corpus(0.2)
            : Unroll.Corpus.Load(TextSource.FromString(TestRun.Text), validation: TextSource.FromString("the cat sa"));
        new Trainer(TestRun.Model(corpus), corpus, options, TestRun.Run()).Run(reports, TestContext.Current.CancellationToken);
        Assert.Equal(1, reports[^1].Fraction);
        return [.. reports.Where(report => report.ValidationLoss is not null).Select(report => report.Update)];
    }

    private static TrainingResult Run(Corpus corpus, TrainingOptions options, string path, Reports? reports = null, long? stop = null)
    {
        using var cancel = new CancellationTokenSource();
        var listener = new Reports(report =>
        {
            reports?.Report(report);
            if (report.Update >= stop)
                cancel.Cancel();
        });
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { HiddenSize = 32 }, seed: File.Exists(path) ? 9u : 1);
        return new Trainer(model, corpus, options, TestRun.Run(path, resume: true)).Run(listener, cancel.Token);
    }

    // The validation text says the same words in another order: learning the text by heart hurts.
    private static (Corpus, TrainingOptions) Overfitting() => (
        Unroll.Corpus.Load(TextSource.FromString(TestRun.Text[..1500]), validation: TextSource.FromString("the moon sat on the dog. cat the to ran mat on. the the dog moon. mat cat sat. ")),
        TestRun.Options with { Updates = 400, LearningRate = 0.02, Measurements = 40, Patience = 2 });

    // A plain cell without a bound, a rate far too high for it, and gradients of any size.
    private static (Corpus, LanguageModel, TrainingOptions) Exploding(double validation)
    {
        Corpus corpus = TestRun.Corpus(validation);
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { Cell = CellKind.Rnn, Activation = Activation.Relu, HiddenSize = 32 });
        return (corpus, model, TestRun.Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 50, Clip = 0, Rollbacks = 8 });
    }
}
