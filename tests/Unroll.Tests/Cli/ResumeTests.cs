using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Runs that are stopped, politely or not, and gone on with.</summary>
[Slow]
public class ResumeTests
{
    private const string Model = "model.safetensors";

    private static readonly string[] Words =
    [
        "train", "--hidden", "64", "--max-tokens", "2000", "--batch", "8", "--steps", "16", "--optimizer", "adam", "--lr", "0.001",
        "--validation", "0.1", "--plot", "none", "--threads", "1",
    ];

    [Theory]
    [InlineData(UnrollProcess.Interrupt)]
    [InlineData(UnrollProcess.Terminate)]
    public void A_signal_saves_and_the_command_that_is_named_goes_on(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        UnrollOutput stopped = Stopped(UnrollProcess.Start(folder.Path, [.. Words, .. EndlessRun.Length]));
        long updates = EndlessRun.Updates(folder[Model]);
        Assert.True(updates > 0);

        string command = stopped.Error.TrimEnd().Split('\n')[^1].Trim();
        Assert.EndsWith(" --resume", command);
        UnrollOutput resumed = Stopped(UnrollProcess.Start(folder.Path, "sh", ["-c", $"exec {command}"]));
        Assert.Contains($"goes on after {updates} updates", resumed.Error);
        Assert.True(EndlessRun.Updates(folder[Model]) > updates);
        AssertSameBytesAsUninterrupted(folder);

        UnrollOutput Stopped(UnrollProcess process)
        {
            using (process)
            {
                process.WaitForError("epoch ");
                process.Signal(signal);
                UnrollOutput output = process.Finish();
                Assert.Equal(130, output.ExitCode);
                Assert.Empty(output.Out);
                return output;
            }
        }
    }

    [Fact]
    public void Killed_at_any_moment_and_resumed_it_gives_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        foreach ((string begun, int milliseconds) in new[] { ("starts afresh", 0), ("goes on", 31), ("goes on", 97) })
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, [.. Words, .. EndlessRun.Length, "--checkpoint-every", "0", "--resume"]);
            process.WaitForError(begun); // said with the first save
            Thread.Sleep(milliseconds);
            process.Signal(UnrollProcess.Kill);
            Assert.Equal(128 + UnrollProcess.Kill, process.WaitForExit());
        }
        AssertSameBytesAsUninterrupted(folder);
    }

    [Fact]
    public void Resuming_refuses_other_options_by_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        using (UnrollProcess process = UnrollProcess.Start(folder.Path, [.. Words, .. EndlessRun.Length]))
        {
            process.WaitForError("epoch ");
            process.Signal(UnrollProcess.Interrupt);
            Assert.Equal(130, process.WaitForExit());
        }
        byte[] saved = File.ReadAllBytes(folder[Model]);
        UnrollOutput refused = UnrollProcess.Run(folder.Path, "train", "--resume", "--lr", "0.5");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--lr", refused.Error);
        Assert.Equal(saved, File.ReadAllBytes(folder[Model]));
    }

    [Fact]
    public void Where_there_is_nothing_to_resume_the_run_starts_afresh_and_says_so()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "--hidden", "8", "--updates", "3", "--threads", "1", "--resume").Succeeded();
        Assert.Contains("starts afresh", output.Error);
        UnrollOutput again = UnrollProcess.Run(folder.Path, "train", "--hidden", "8", "--updates", "3", "--threads", "1", "--resume").Succeeded();
        Assert.Contains("finished already", again.Error);
    }

    // The rest of the run needs no options.
    private static void AssertSameBytesAsUninterrupted(TemporaryFolder folder)
    {
        string updates = EndlessRun.End(folder[Model], more: 30);
        Assert.Contains("goes on", UnrollProcess.Run(folder.Path, "train", "--resume", "--plot", "none", "--threads", "1").Succeeded().Error);
        UnrollProcess.Run(folder.Path, [.. Words, "--updates", updates, "--out", "uninterrupted"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["uninterrupted"]), File.ReadAllBytes(folder[Model]));
    }
}
