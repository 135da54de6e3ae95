using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>A run by the clock says at its end the options that repeat it without one.</summary>
[Slow]
public class BudgetTests
{
    private const string Says = "the same model by updates, not by the clock: ", Instead = " instead of --budget 2s";

    [Theory]
    [InlineData(400_000, "--hidden ")] // two seconds are few for so long a text, but the minutes without a budget many
    [InlineData(3000, "", "--members", "1", "--cell", "gru", "--lr", "0.01")]
    [InlineData(30_000, "", "--members", "1", "--tokens", "byte", "--hidden", "16", "--memory", "1000", "--output-ngrams", "0")]
    [InlineData(3000, "--updates ", "--preset", "textbook", "--hidden", "16")]
    public void Its_options_make_the_same_file_to_the_byte(int length, string first, params string[] own)
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Text(length));
        string[] words = ["train", "text.txt", .. own, "--plot", "none", "--sample-every", "0"];
        UnrollOutput byClock = UnrollProcess.Run(folder.Path, [.. words, "--budget", "2s", "--threads", "2", "--out", "clock"]).Succeeded();
        UnrollOutput byUpdates = UnrollProcess.Run(folder.Path, [.. words, .. Options(byClock), "--threads", "1", "--out", "updates"]).Succeeded();
        Assert.Contains(Says + first, byClock.Error);
        Assert.DoesNotContain(Says, byUpdates.Error);
        Assert.Equal(length > 20_000, LanguageModel.Load(folder["clock"]).HasMemory);
        Assert.Equal(File.ReadAllBytes(folder["clock"]), File.ReadAllBytes(folder["updates"]));
    }

    [Fact]
    public void So_do_those_of_a_run_that_was_stopped_and_resumed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Text(30_000));
        string[] words = ["train", "text.txt", "--plot", "none", "--sample-every", "0"], byClock = [.. words, "--threads", "2", "--out", "clock"], own = ["--members", "1", "--hidden", "16"];
        using (UnrollProcess process = UnrollProcess.Start(folder.Path, [.. byClock, .. own, "--budget", "1h", "--checkpoint-every", "0"]))
        {
            process.WaitFor("a saved state", () => File.Exists(folder["clock"]));
            process.Signal(UnrollProcess.Interrupt);
            Assert.Equal(128 + UnrollProcess.Interrupt, process.WaitForExit());
        }
        // An hour is more than a test has.
        Checkpoint checkpoint = Checkpoint.Read(folder["clock"]);
        Checkpoint.Write(folder["clock"], checkpoint with
        {
            Summary = checkpoint.Summary! with { Training = checkpoint.Summary!.Training! with { Budget = TimeSpan.FromSeconds(2) } },
        });
        // What was chosen for the first part is not typed again, and must be said all the same.
        UnrollOutput resumed = UnrollProcess.Run(folder.Path, [.. byClock, .. own, "--resume"]).Succeeded();
        UnrollProcess.Run(folder.Path, [.. words, .. own, .. Options(resumed), "--threads", "1", "--out", "updates"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["clock"]), File.ReadAllBytes(folder["updates"]));
    }

    [Fact]
    public void Several_networks_have_plans_of_their_own_and_nothing_is_promised()
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Text(3000));
        UnrollOutput output = UnrollProcess.Run(
            folder.Path, "train", "text.txt", "--members", "2", "--hidden", "8", "--budget", "1s", "--plot", "none", "--sample-every", "0").Succeeded();
        Assert.Contains("next: ", output.Error);
        Assert.DoesNotContain(Says, output.Error);
    }

    private static string[] Options(UnrollOutput output)
    {
        string line = Assert.Single(output.Error.Split('\n'), line => line.StartsWith(Says, StringComparison.Ordinal));
        Assert.EndsWith(Instead, line);
        return line[Says.Length..^Instead.Length].Split(' ');
    }

    private static string Text(int length) => string.Concat(Enumerable.Range(0, length / 20).Select(i =>
        $"the {(i * i % 7 < 3 ? "cat" : "dog")} {(i * i % 11 < 5 ? "sat on" : "ran to")} {(i % 13 < 6 ? "a" : "the")} {(i * i % 17 < 8 ? "mat" : "moon")}. "))[..length];
}
