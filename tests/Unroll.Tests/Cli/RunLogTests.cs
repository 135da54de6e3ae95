using Unroll.Cli.Training;
using Unroll.Runs;
using Unroll.Tests.Training;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>A log tells a run once, however often it was broken off.</summary>
public class RunLogTests
{
    private static readonly Corpus Text = TestRun.Corpus();
    private static readonly LanguageModel Model = TestRun.Model(Text);

    [Fact]
    public void A_resumed_run_goes_on_where_the_earlier_one_was_saved()
    {
        using var folder = new TemporaryFolder();
        Write(folder["through"], false, 1, 2, 3, 4);
        Write(folder["pieces"], false, 1, 2, 3);
        Write(folder["pieces"], true, 2, 3);
        File.AppendAllText(folder["pieces"], "{\"epoch\":4,\"upd"); // killed in the middle of a line
        Write(folder["pieces"], true, 4);
        Assert.Equal(File.ReadAllText(folder["through"]), File.ReadAllText(folder["pieces"]));
        Assert.Equal(5, File.ReadAllLines(folder["pieces"]).Length);
    }

    [Fact]
    public void Another_run_has_its_own_lines_behind_the_earlier_ones()
    {
        using var folder = new TemporaryFolder();
        Write(folder["log"], false, 1, 2);
        string first = File.ReadAllText(folder["log"]);
        Write(folder["log"], false, 1, 2);
        Assert.Equal(first + first, File.ReadAllText(folder["log"]));

        Write(folder["log"], true, 2, 3); // the second goes on, and the first stays as it is
        string[] lines = File.ReadAllLines(folder["log"]);
        Assert.Equal(3 + 4, lines.Length);
        Assert.StartsWith(first + first, File.ReadAllText(folder["log"]));
        Assert.StartsWith("{\"epoch\":3,", lines[^1]);

        Write(folder["log"], true, TestRun.Options with { Seed = 7 }, 1);
        Assert.Equal(7 + 2, File.ReadAllLines(folder["log"]).Length);
    }

    [Fact]
    public void Nothing_is_written_before_the_run_has_begun()
    {
        using var folder = new TemporaryFolder();
        new RunLog(folder["log"], false, Model, Text, TestRun.Options).Dispose();
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("Once upon a time\n", false)]
    [InlineData("{\"model\":{\"cell\":\"lstm\"}}\n", false)]
    [InlineData("{\"model\":{\"cell\":\"lstm\"\n", false)]
    [InlineData("{\"model\":{}} {}\n", false)]
    [InlineData("{\"model\":{\"cell\":\"lstm\"},\"training\":{},\"fingerprint\":\"0\"}\n", true)]
    public void A_log_is_known_by_its_first_line(string content, bool isOne)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["log"], content);
        Assert.Equal(isOne, RunLog.IsOne(folder["log"]));
        Write(folder["own"], false);
        Assert.True(RunLog.IsOne(folder["own"]));
    }

    private static void Write(string path, bool goesOn, params int[] epochs) => Write(path, goesOn, TestRun.Options, epochs);

    private static void Write(string path, bool goesOn, TrainingOptions options, params int[] epochs)
    {
        using var log = new RunLog(path, goesOn, Model, Text, options);
        log.Begin();
        foreach (int epoch in epochs)
        {
            log.Add(new TrainingReport
            {
                Epoch = epoch,
                Update = 10 * epoch,
                Tokens = 640 * epoch,
                Loss = 1.0 / epoch,
                Fraction = 0.1 * epoch,
                LearningRate = 0.01,
                GradientNorm = 1,
                TokensPerSecond = 1000,
                Seconds = epoch,
                EndOfEpoch = true,
            });
        }
    }
}
