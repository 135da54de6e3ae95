using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class ValidationTests
{
    [Fact]
    public void TheLossIsTheEvaluatorsOnTheSameText()
    {
        Corpus corpus = TestRun.Corpus(validation: 0.25);
        LanguageModel model = TestRun.Model(corpus);
        TrainingResult result = new Trainer(model, corpus, TestRun.Options, TestRun.Run()).Run(cancellationToken: TestContext.Current.CancellationToken);

        string kept = TestRun.Text[(int)corpus.Training.Length..];
        EvaluationResult evaluation = Evaluator.Evaluate(model, TextSource.FromString(kept), threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(evaluation.Loss, result.Summary.ValidationLoss);
    }

    [Fact]
    public void TheBestModelIsTheResultAndTheLatestOneIsNot()
    {
        using var folder = new TemporaryFolder();
        (Corpus corpus, TrainingOptions options) = Overfitting();
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { HiddenSize = 32 });
        var snapshots = new List<(double Loss, float[] Values)>();
        var reports = new Reports(report => snapshots.Add((report.ValidationLoss ?? double.MaxValue, model.Parameters.Values.ToArray())));
        TrainingResult result = new Trainer(model, corpus, options, TestRun.Run(folder["model"]) with { CheckpointEvery = TimeSpan.FromSeconds(30) }).Run(reports, TestContext.Current.CancellationToken);

        (double loss, float[] values) = snapshots.MinBy(snapshot => snapshot.Loss);
        Assert.True(loss < snapshots[^1].Loss, "the run must overfit for this test to mean anything");
        Assert.Equal(loss, result.Summary.ValidationLoss);
        Assert.Equal(values, model.Parameters.Values.ToArray());
        Assert.Equal(values, LanguageModel.Load(folder["model"]).Parameters.Values.ToArray());
        Assert.Equal(loss, reports[^1].BestValidationLoss);
    }

    [Fact]
    public void OnAPlateauTheLearningRateFalls()
    {
        (Corpus corpus, TrainingOptions options) = Overfitting();
        options = options with { Schedule = Schedule.Plateau, PlateauPatience = 2, PlateauFactor = 0.25 };
        var reports = new Reports();
        new Trainer(TestRun.Model(corpus, new ModelOptions { HiddenSize = 32 }), corpus, options, TestRun.Run()).Run(reports, TestContext.Current.CancellationToken);

        // The same by hand, from what was measured: the learning rate of a measurement is that of the update before it.
        double best = double.PositiveInfinity, rate = options.LearningRate;
        int waited = 0;
        foreach (TrainingReport report in reports.Where(report => report.ValidationLoss is not null))
        {
            Assert.Equal(rate, report.LearningRate);
            waited = report.ValidationLoss < best ? 0 : waited + 1;
            best = Math.Min(best, report.ValidationLoss!.Value);
            if (waited == 2)
                (waited, rate) = (0, rate * 0.25);
        }
        Assert.True(rate < options.LearningRate, "the run must overfit for this test to mean anything");
    }

    [Fact]
    public void APlateauNeedsAValidationText()
    {
        Corpus corpus = TestRun.Corpus();
        string message = Assert.Throws<OptionsException>(() => new Trainer(TestRun.Model(corpus), corpus, TestRun.Options with { Schedule = Schedule.Plateau })).Message;
        Assert.Contains("Schedule of plateau needs a text to measure on: set Validation, or another Schedule.", message);
    }

    [Fact]
    public void AFileUnderWayHoldsTheBestModelToo()
    {
        using var folder = new TemporaryFolder();
        (Corpus corpus, TrainingOptions options) = Overfitting();
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { HiddenSize = 32 });
        using var cancel = new CancellationTokenSource();
        float[] best = [];
        var reports = new Reports(report =>
        {
            if (report.ValidationLoss is not null && report.ValidationLoss == report.BestValidationLoss)
                best = model.Parameters.Values.ToArray();
            else if (report.ValidationLoss > report.BestValidationLoss)
                cancel.Cancel();
        });
        TrainingResult result = new Trainer(model, corpus, options, TestRun.Run(folder["model"]) with { CheckpointEvery = TimeSpan.FromSeconds(30) }).Run(reports, cancel.Token);
        Assert.False(result.Completed);
        Checkpoint checkpoint = Checkpoint.Read(folder["model"]);
        Assert.Equal(best, checkpoint.Model.Parameters.Values.ToArray());
        Assert.Equal(best, model.Parameters.Values.ToArray());
        Assert.Equal(result.Summary.ValidationLoss, checkpoint.Summary!.ValidationLoss);
        Assert.NotEqual(best, checkpoint.Training!.Tensors["parameters"]);
    }

    [Fact]
    public void LongEpochsAreMeasuredInBetween()
    {
        // 20 tokens of validation beside an epoch of some 2,300 updates.
        Corpus corpus = Corpus.Load(
            TextSource.FromString(string.Concat(Enumerable.Repeat("ab c", 1200))), validation: TextSource.FromString("ab cab cab cab cab c"));
        var reports = new Reports();
        TrainingOptions options = TestRun.Options with { Batch = 1, SequenceLength = 2, Epochs = 1 };
        new Trainer(TestRun.Model(corpus, new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 4 }), corpus, options, TestRun.Run())
            .Run(reports, TestContext.Current.CancellationToken);
        Assert.Equal([1000, 2000, reports[^1].Update], reports.Where(report => report.ValidationLoss is not null).Select(report => report.Update));
        Assert.Single(reports, report => report.EndOfEpoch);
    }

    private static (Corpus, TrainingOptions) Overfitting()
    {
        // The validation text says the same words in another order: learning the text by heart hurts.
        Corpus corpus = Corpus.Load(
            TextSource.FromString(TestRun.Text[..1500]), validation: TextSource.FromString("the moon sat on the dog. cat the to ran mat on. the the dog moon. mat cat sat. "));
        return (corpus, TestRun.Options with { Epochs = 12, LearningRate = 0.02 });
    }
}
