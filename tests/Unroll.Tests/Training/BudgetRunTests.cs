using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>A run with a time budget: by a clock that moves whenever somebody looks at it.</summary>
public class BudgetRunTests
{
    private static TrainingOptions Options { get; } = TestRun.Options with
    {
        Budget = TimeSpan.FromSeconds(60),
        Schedule = Schedule.Cosine,
        Measurements = 5,
        Dropout = 0.1,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void AFinishedRunSaysTheOptionsThatRepeatItToTheByte(double validation)
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(validation);
        var reports = new Reports();
        TrainingResult byClock = Run(corpus, Options, folder["clock"], reports);
        TrainingOptions repeat = byClock.Summary.Training!;
        Assert.Equal(Options with { Budget = null, Updates = byClock.Summary.Updates, Pace = repeat.Pace }, repeat);
        Assert.InRange(repeat.Pace!.Split(',').Length, 4, 15);
        Assert.InRange(byClock.Seconds, 58.8, 60.6);
        Assert.True(reports[^1].LearningRate < 0.001 * Options.LearningRate, "the rate must have come to its end");
        Assert.Equal(reports[^1].Update, reports[^1].Updates);

        var again = new Reports();
        TrainingResult byUpdates = Run(corpus, repeat, folder["updates"], again, step: 0.001);
        Assert.Equal(byClock.Summary, byUpdates.Summary);
        Assert.Equal(File.ReadAllBytes(folder["clock"]), File.ReadAllBytes(folder["updates"]));
        Assert.Equal(Measured(reports), Measured(again));
        Assert.Equal(validation > 0 ? 5 : 0, Measured(again).Length);
    }

    [Fact]
    public void ARunThatIsStoppedPlansAnewAndCanBeRepeatedToo()
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = TestRun.Corpus(0.2);
        foreach (int stop in (int[])[1, 20, 60])
            Assert.False(Run(corpus, Options, folder["clock"], stop: stop).Completed);
        TrainingResult byClock = Run(corpus, Options, folder["clock"]);
        Assert.True(byClock is { Completed: true, Resumed: true });
        Run(corpus, byClock.Summary.Training!, folder["updates"]);
        Assert.Equal(File.ReadAllBytes(folder["clock"]), File.ReadAllBytes(folder["updates"]));

        // It is finished, by whichever name one calls it.
        Assert.Contains("finished already", Run(corpus, Options, folder["clock"]).Notice);
        Assert.Contains("finished already", Run(corpus, byClock.Summary.Training!, folder["clock"]).Notice);
        Assert.Contains("LearningRate", Assert.Throws<UnrollException>(() => Run(corpus, Options with { LearningRate = 1 }, folder["clock"])).Message);
    }

    [Fact]
    public void WhatWasBeforeTheRunAndWhatComesAfterItCountToo()
    {
        var clock = new FakeClock(TimeSpan.FromSeconds(0.02));
        var caller = new RunCaller { Time = clock, Started = clock.GetTimestamp(), Afterwards = TimeSpan.FromSeconds(10) };
        clock.Advance(TimeSpan.FromSeconds(20));
        Corpus corpus = TestRun.Corpus();
        TrainingResult result = new Trainer(TestRun.Model(corpus), corpus, Options, TestRun.Run()) { Caller = caller }.Run(cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(result.Seconds, 49, 50.5);
    }

    [Fact]
    public void ABudgetThatIsOverBeforeTheRunGivesOneUpdate()
    {
        Corpus corpus = TestRun.Corpus();
        TrainingResult result = Run(corpus, Options with { Budget = TimeSpan.FromMilliseconds(1) }, null);
        Assert.Equal((1, "none"), (result.Summary.Updates, result.Summary.Training!.Pace));
    }

    private static (long, double?)[] Measured(Reports reports) =>
        [.. reports.Where(report => report.ValidationLoss is not null).Select(report => (report.Update, report.ValidationLoss))];

    private static TrainingResult Run(Corpus corpus, TrainingOptions options, string? path, Reports? reports = null, double step = 0.03, int? stop = null)
    {
        using var cancel = new CancellationTokenSource();
        var listener = new Reports(report =>
        {
            reports?.Report(report);
            if (report.Update >= stop)
                cancel.Cancel();
        });
        RunOptions run = TestRun.Run(path, resume: path is not null) with { CheckpointEvery = TimeSpan.FromSeconds(7) };
        return new Trainer(TestRun.Model(corpus), corpus, options, run) { Caller = new RunCaller { Time = new FakeClock(TimeSpan.FromSeconds(step)) } }
            .Run(listener, cancel.Token);
    }
}
