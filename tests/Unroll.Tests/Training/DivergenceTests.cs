using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class DivergenceTests
{
    [Fact]
    public void WithoutClippingTheSentenceSaysToClip()
    {
        Corpus corpus = TestRun.Corpus();
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { Cell = CellKind.Rnn, Activation = Activation.Relu, HiddenSize = 32 });
        float[] before = model.Parameters.Values.ToArray();
        string message = Diverge(model, corpus, TestRun.Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 50, Clip = 0, Rollbacks = 0 });
        Assert.Contains("set Clip to 1", message);
        Assert.Contains("LearningRate (it is 50)", message);
        Assert.Contains("as it was before the run", message);
        Assert.Equal(before, model.Parameters.Values.ToArray());
    }

    [Fact]
    public void WithClippingTheSentenceSaysToLowerTheLearningRate()
    {
        Corpus corpus = TestRun.Corpus();
        string message = Diverge(TestRun.Model(corpus), corpus, TestRun.Options with { Optimizer = OptimizerKind.Sgd, LearningRate = 500, Epochs = 20, Rollbacks = 0 });
        Assert.Contains("lower LearningRate (it is 500)", message);
    }

    [Fact]
    public void TheLastGoodModelIsKeptAndTheRunsStateIsNot()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(validation: 0.1);
        LanguageModel model = TestRun.Model(corpus);
        float[] good = [];
        double? best = null;
        var saboteur = new Reports(report =>
        {
            if (report.ValidationLoss is not null && report.Epoch == 2)
            {
                (good, best) = (model.Parameters.Values.ToArray(), report.ValidationLoss);
                model.Parameters.Values[5] = float.NaN;
            }
        });
        TrainingOptions options = TestRun.Options with { Epochs = 5, Rollbacks = 0 };
        RunOptions run = TestRun.Run(folder["m"]);
        var exception = Assert.Throws<TrainingDivergedException>(() => new Trainer(model, corpus, options, run).Run(saboteur, TestContext.Current.CancellationToken));
        Assert.Contains("became NaN", exception.Message);
        Assert.True(double.IsNaN(exception.Loss));
        Assert.True(exception.Update > 2);
        Assert.Contains(folder["m"], exception.Message);
        Assert.Equal(good, model.Parameters.Values.ToArray());
        Checkpoint checkpoint = Checkpoint.Read(folder["m"]);
        Assert.Null(checkpoint.Training);
        Assert.Equal(good, checkpoint.Model.Parameters.Values.ToArray());
        Assert.Equal(best, checkpoint.Summary!.ValidationLoss);

        // There is nothing to go on with, and the model is not thrown away either.
        Assert.Contains("ran away", Assert.Throws<UnrollException>(() => new Trainer(TestRun.Model(corpus), corpus, options, run with { Resume = true }).Run()).Message);
        Assert.Equal(good, LanguageModel.Load(folder["m"]).Parameters.Values.ToArray());
    }

    private static string Diverge(LanguageModel model, Corpus corpus, TrainingOptions options) =>
        Assert.Throws<TrainingDivergedException>(() => new Trainer(model, corpus, options, TestRun.Run()).Run(cancellationToken: TestContext.Current.CancellationToken)).Message;
}
