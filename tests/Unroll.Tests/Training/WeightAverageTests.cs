using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class WeightAverageTests
{
    private const int Every = WeightAverage.UpdatesPerSample;

    [Fact]
    public void IsTheMeanOfSamplesInTheRunsLastPart()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        var average = new WeightAverage(model);
        var options = new TrainingOptions { TailAverage = 0.5 };
        double[] sum = new double[model.Parameters.Count];
        for (int update = 1; update <= 10 * Every; update++)
        {
            for (int i = 0; i < sum.Length; i++)
                model.Parameters.Values[i] = MathF.Sin(update * i);
            average.Add(options, update, (update - 1) / (10.0 * Every));
            if (update % Every != 0 || update <= 5 * Every)
                continue;
            for (int i = 0; i < sum.Length; i++)
                sum[i] += model.Parameters.Values[i];
        }
        Assert.Equal(5, average.Samples);
        Assert.Equal(sum.Select(x => x / 5), average.Model.Parameters.Values.ToArray().Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void ExchangesTwiceAndNothingHasChanged()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        var average = new WeightAverage(model);
        float[] values = model.Parameters.Values.ToArray();
        average.Exchange(); // no average yet
        Assert.Equal(values, model.Parameters.Values.ToArray());

        average.Add(new() { TailAverage = 1 }, Every, 0.5);
        model.Parameters.Values.Fill(7);
        average.Exchange();
        Assert.Equal(values, model.Parameters.Values.ToArray());
        average.Exchange();
        Assert.All(model.Parameters.Values.ToArray(), value => Assert.Equal(7, value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void TheResultIsTheAverageAndTrainingGoesOnWithoutIt(double validation)
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(validation);
        TrainingOptions options = TestRun.Options with { Epochs = 0, Updates = 4 * Every };
        LanguageModel plain = TestRun.Model(corpus), averaged = TestRun.Model(corpus);
        var expected = new double[plain.Parameters.Count];
        var samples = new Reports(report =>
        {
            if (report.Update % Every != 0 || report.Update <= 2 * Every)
                return;
            for (int i = 0; i < expected.Length; i++)
                expected[i] += plain.Parameters.Values[i] / 2;
        });
        // A save after every update makes a report of every update.
        var reports = new Reports();
        var plainReports = new Reports(report => ((IProgress<TrainingReport>)samples).Report(report));
        new Trainer(plain, corpus, options, TestRun.Run(folder["plain"])).Run(plainReports, TestContext.Current.CancellationToken);
        TrainingResult result = new Trainer(averaged, corpus, options with { TailAverage = 0.5 }, TestRun.Run(folder["averaged"])).Run(reports, TestContext.Current.CancellationToken);

        Assert.Equal(plainReports.Select(report => (report.Update, report.Loss, report.GradientNorm)), reports.Select(report => (report.Update, report.Loss, report.GradientNorm)));
        Assert.Equal(averaged.Parameters.Values.ToArray(), LanguageModel.Load(folder["averaged"]).Parameters.Values.ToArray());
        if (validation == 0)
        {
            Assert.Equal(expected, averaged.Parameters.Values.ToArray().Select(x => (double)x), (a, b) => Math.Abs(a - b) < 1e-6);
            return;
        }
        // What was measured is what was kept.
        string text = TestRun.Text[(int)corpus.Training.Length..];
        Assert.Equal(result.Summary.ValidationLoss, Evaluator.Evaluate(averaged, TextSource.FromString(text), threads: 1, cancellationToken: TestContext.Current.CancellationToken).Loss);
        Assert.NotEqual(plainReports[^1].ValidationLoss, reports[^1].ValidationLoss);
    }
}
