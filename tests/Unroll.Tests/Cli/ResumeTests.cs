using Unroll.Tests.Checkpoints;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Runs that are stopped, politely or not, and gone on with.</summary>
public class ResumeTests
{
    // Long enough, two seconds of learning, that a run is still learning when the test has read its first lines and sent its signal.
    private static readonly string[] Words =
    [
        "train", "--hidden", "64", "--max-tokens", "2000", "--batch", "8", "--steps", "16", "--epochs", "1000", "--optimizer", "adam", "--lr", "0.001",
        "--validation", "0.1", "--plot", "none", "--threads", "1",
    ];

    private static readonly Lazy<byte[]> Uninterrupted = new(() =>
    {
        using var folder = new TemporaryFolder();
        UnrollProcess.Run(folder.Path, Words).Succeeded();
        return File.ReadAllBytes(folder["model.safetensors"]);
    });

    [Theory]
    [InlineData(UnrollProcess.Interrupt)]
    [InlineData(UnrollProcess.Terminate)]
    public void A_signal_saves_and_the_command_that_is_named_goes_on(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        UnrollOutput stopped;
        using (UnrollProcess process = UnrollProcess.Start(folder.Path, Words))
        {
            process.WaitForError("epoch 1 of 1,000");
            process.Signal(signal);
            stopped = process.Finish();
        }
        Assert.Equal(130, stopped.ExitCode);
        Assert.Empty(stopped.Out);
        Assert.NotEqual(Uninterrupted.Value, File.ReadAllBytes(folder["model.safetensors"]));

        string command = stopped.Error.TrimEnd().Split('\n')[^1].Trim();
        Assert.EndsWith(" --resume", command);
        using UnrollProcess shell = UnrollProcess.Start(folder.Path, "sh", ["-c", command]);
        UnrollOutput resumed = shell.Finish().Succeeded();
        Assert.Contains("goes on", resumed.Error);
        Assert.Equal(Uninterrupted.Value, File.ReadAllBytes(folder["model.safetensors"]));
    }

    [Fact]
    public void Killed_at_any_moment_and_resumed_it_gives_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        var random = new Random();
        int kills = 0;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, [.. Words, "--checkpoint-every", "0.02", "--resume"]);
            process.WaitForError("device");
            Thread.Sleep(random.Next(500));
            process.Signal(UnrollProcess.Kill);
            kills += process.WaitForExit() == 0 ? 0 : 1;
        }
        UnrollOutput resumed = UnrollProcess.Run(folder.Path, [.. Words, "--resume"]).Succeeded();
        Assert.True(kills > 0, resumed.Error);
        Assert.Equal(Uninterrupted.Value, File.ReadAllBytes(folder["model.safetensors"]));
    }

    [Fact]
    public void Resuming_needs_no_options_and_refuses_others_by_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        using (UnrollProcess process = UnrollProcess.Start(folder.Path, Words))
        {
            process.WaitForError("epoch 1 of 1,000");
            process.Signal(UnrollProcess.Interrupt);
            Assert.Equal(130, process.WaitForExit());
        }
        byte[] saved = File.ReadAllBytes(folder["model.safetensors"]);
        UnrollOutput refused = UnrollProcess.Run(folder.Path, "train", "--resume", "--lr", "0.5");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--lr", refused.Error);
        Assert.Equal(saved, File.ReadAllBytes(folder["model.safetensors"]));

        UnrollProcess.Run(folder.Path, "train", "--resume", "--plot", "none", "--threads", "1").Succeeded();
        Assert.Equal(Uninterrupted.Value, File.ReadAllBytes(folder["model.safetensors"]));
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
}
