using Unroll.Tests.Training;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Ranks;

/// <summary>Several networks learn over ranks what they learn on one machine, whatever happens on the way.</summary>
public class MembersRankTests
{
    private static readonly ModelOptions Shape = new() { Cell = CellKind.Lstm, HiddenSize = 8 };

    private static readonly TrainingOptions Options = TestRun.Options with { Dropout = 0.2, Schedule = Schedule.Cosine, Epochs = 2, Seed = 5, Shards = 4 };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 0)]
    [InlineData(0.2, 5)]
    public void They_end_in_the_same_bytes(double validation, int measurements)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(validation, TestRun.Text[..1500]);
        TrainingOptions options = Options with { Measurements = measurements };
        LanguageModel expected = Create(corpus);
        TrainingResult alone = new Trainer(expected, corpus, options, new RunOptions { Out = folder["one"], Threads = 2 }).Run(cancellationToken: TestContext.Current.CancellationToken);
        foreach (int count in (int[])[2, 4])
            SimulatedRanks.Run(count, ranks =>
            {
                LanguageModel model = Create(corpus, seed: ranks.Rank == 0 ? 5u : 77);
                RunOptions run = TestRun.Run(folder["many"]) with { Threads = ranks.Rank % 2 + 1, Ranks = ranks };
                TrainingResult result = new Trainer(model, corpus, options, run).Run(cancellationToken: TestContext.Current.CancellationToken);
                Assert.True(result.Completed);
                Assert.Equal(alone.Summary, result.Summary);
                Assert.All(expected.Members.Zip(model.Members), pair => Assert.Equal(pair.First.Parameters.Values.ToArray(), pair.Second.Parameters.Values.ToArray()));
                if (ranks.Rank == 0)
                    Assert.Equal(File.ReadAllBytes(folder["one"]), File.ReadAllBytes(folder["many"]));
            });
    }

    // Of the four epochs each has eighteen updates; networks are measured, and meet, in the middle of the second and the third too,
    // after updates 24 and 48. A stop there leaves the first ahead of the others, which it awaits at its epoch's end.
    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(17, 18, 19)]
    [InlineData(24)]
    [InlineData(23, 24, 48, 49)]
    [InlineData(53, 54)]
    [InlineData(71)]
    public void Stopped_by_the_first_rank_and_resumed_on_others_they_end_in_the_same_bytes(params int[] stops)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2, TestRun.Text[..1500]);
        TrainingOptions options = Options with { Epochs = 4, Measurements = 3 };
        Assert.Equal(4 * 18, TestRun.Train(Create(corpus), corpus, options, TestRun.Run(folder["through"])).Summary.Updates);
        byte[] expected = File.ReadAllBytes(folder["through"]);
        int count = 4;
        foreach (int stop in stops)
        {
            if (!Train(count, stop))
                break; // a stop meets each network where it is
            count = count == 4 ? 1 : 2 * count;
            Assert.NotNull(Checkpoint.Read(folder["pieces"]).Training);
        }
        Assert.False(Train(count, stop: null));
        Assert.Equal(expected, File.ReadAllBytes(folder["pieces"]));

        // Whether there is something left to do.
        bool Train(int count, int? stop)
        {
            bool begun = File.Exists(folder["pieces"]);
            bool[] completed = new bool[count];
            SimulatedRanks.Run(count, ranks =>
            {
                RunOptions run = TestRun.Run(folder["pieces"], resume: true) with { Ranks = count == 1 ? null : ranks };
                LanguageModel model = Create(corpus, seed: begun || ranks.Rank > 0 ? 77u : 5);
                using var cancel = new CancellationTokenSource();
                var stopper = new Reports(report =>
                {
                    if (ranks.Rank == 0 && report.Networks[0].Update >= stop)
                        cancel.Cancel();
                });
                TrainingResult result = new Trainer(model, corpus, options, run).Run(stopper, cancel.Token);
                completed[ranks.Rank] = result.Completed;
                Assert.Equal(begun, result.Resumed);
            });
            return !Assert.Single(completed.Distinct());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_time_budget_goes_by_the_first_rank_s_clock(int networks)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2);
        TrainingOptions options = Options with { Budget = TimeSpan.FromSeconds(60), Measurements = 5 };
        var results = new (float[] Numbers, double Seconds)[2];
        SimulatedRanks.Run(2, ranks =>
        {
            LanguageModel model = LanguageModel.Create(corpus.Vocabulary, Shape, 5, networks);
            var caller = new RunCaller { Time = new FakeClock(TimeSpan.FromSeconds(ranks.Rank == 0 ? 0.02 : 0.5)), Afterwards = TimeSpan.FromSeconds(ranks.Rank) };
            RunOptions run = new() { Out = folder["m"], Threads = 1, Ranks = ranks };
            TrainingResult result = new Trainer(model, corpus, options, run) { Caller = caller }.Run(cancellationToken: TestContext.Current.CancellationToken);
            results[ranks.Rank] = ([.. model.Members.SelectMany(member => member.Parameters.Values.ToArray())], result.Seconds);
        });
        Assert.Equal(results[0].Numbers, results[1].Numbers);
        Assert.InRange(results[0].Seconds, 58, 61);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_network_that_diverges_does_so_on_every_rank(int rollbacks)
    {
        using var folder = new TemporaryFolder();
        using Corpus corpus = TestRun.Corpus(0.2, TestRun.Text[..1500]);
        SimulatedRanks.Run(2, ranks =>
        {
            LanguageModel model = Create(corpus);
            float[] good = [];
            var saboteur = new Reports(report =>
            {
                if (report is not { EndOfEpoch: true, Epoch: 1 })
                    return;
                good = model.Members[1].Parameters.Values.ToArray();
                model.Members[1].Parameters.Values.Fill(float.NaN);
            });
            var trainer = new Trainer(model, corpus, Options with { Rollbacks = rollbacks }, TestRun.Run(folder["m"]) with { Ranks = ranks });
            if (rollbacks > 0)
            {
                Assert.True(trainer.Run(saboteur, TestContext.Current.CancellationToken).Completed);
                Assert.Contains(saboteur, report => report.Notice is { } notice && notice.Contains("Network 2: The loss became NaN", StringComparison.Ordinal));
                return;
            }
            Assert.Throws<TrainingDivergedException>(() => trainer.Run(saboteur, TestContext.Current.CancellationToken));
            Assert.Equal(good, model.Members[1].Parameters.Values.ToArray());
            if (ranks.Rank == 0)
                Assert.Equal(good, Checkpoint.Read(folder["m"]).Model.Members[1].Parameters.Values.ToArray());
        });
    }

    private static LanguageModel Create(Corpus corpus, ulong seed = 5) => LanguageModel.Create(corpus.Vocabulary, Shape, seed, members: 3);
}
