using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>A model of several networks on the command line.</summary>
[Slow]
public class MembersTests
{
    private static readonly string[] Words =
    [
        "train", "--hidden", "12", "--max-tokens", "2000", "--batch", "8", "--steps", "16", "--optimizer", "adam", "--lr", "0.01",
        "--validation", "0.1", "--plot", "none", "--members", "2",
    ];

    [Fact]
    public void All_verbs_take_it_and_one_network_stands_beside_the_whole()
    {
        using var folder = new TemporaryFolder();
        JsonElement trained = UnrollProcess.Run(
            folder.Path, [.. Words, "--epochs", "2", "--sample-every", "1", "--log", "run.jsonl", "--threads", "2", "--json"]).Succeeded().Json;
        Assert.Equal(2, trained.GetProperty("members").GetInt32());
        double whole = trained.GetProperty("validation").GetProperty("loss").GetDouble(), alone = trained.GetProperty("networkValidation").GetProperty("loss").GetDouble();
        Assert.NotEqual(whole, alone);
        JsonElement[] log = [.. File.ReadLines(folder["run.jsonl"]).Select(line => JsonElement.Parse(line)).Where(line => !line.TryGetProperty("sample", out _))];
        Assert.Equal(2, log[0].GetProperty("members").GetInt32());
        Assert.Equal(whole, log[^1].GetProperty("validationLoss").GetDouble());
        Assert.Equal(alone, log[^1].GetProperty("networkValidationLosses")[0].GetDouble());

        UnrollOutput human = UnrollProcess.Run(folder.Path, [.. Words, "--epochs", "2", "--threads", "1"]).Succeeded();
        Assert.Contains("the mean of 2 networks, each", human.Error);
        Assert.Contains("(alone ", human.Error);
        Assert.Contains("one network alone", human.Out);

        JsonElement measured = UnrollProcess.RunWith(folder.Path, "the time traveller", "evaluate", "model.safetensors", "-", "--json").Succeeded().Json;
        Assert.NotEqual(measured.GetProperty("loss").GetDouble(), measured.GetProperty("networkLoss").GetDouble());
        Assert.Contains("one network alone", UnrollProcess.RunWith(folder.Path, "the time traveller", "evaluate", "model.safetensors", "-").Succeeded().Out);
        Assert.Equal(20, UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--length", "20", "--json").Succeeded().Json.GetProperty("samples")[0].GetProperty("tokens").GetInt32());
        JsonElement inspected = UnrollProcess.Run(folder.Path, "inspect", "model.safetensors", "--json").Succeeded().Json;
        Assert.Equal(1, inspected.GetProperty("members").GetArrayLength());
        Assert.Contains("member.1.decoder.bias", UnrollProcess.Run(folder.Path, "inspect", "model.safetensors").Succeeded().Out);
    }

    [Fact]
    public void Killed_and_resumed_without_options_it_gives_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        foreach ((string begun, int signal) in new[] { ("starts afresh", UnrollProcess.Kill), ("goes on", UnrollProcess.Kill), ("goes on", UnrollProcess.Interrupt) })
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, [.. Words, .. EndlessRun.Length, "--checkpoint-every", "0", "--resume", "--threads", "2"]);
            process.WaitForError(begun);
            process.WaitForError("epoch ");
            process.Signal(signal);
            Assert.Equal(128 + signal, process.WaitForExit());
        }
        string updates = EndlessRun.End(folder["model.safetensors"], more: 30);
        UnrollOutput resumed = UnrollProcess.Run(folder.Path, "train", "--resume", "--plot", "none", "--threads", "2").Succeeded();
        Assert.Contains("goes on", resumed.Error);
        UnrollProcess.Run(folder.Path, [.. Words, "--updates", updates, "--out", "uninterrupted", "--threads", "1"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["uninterrupted"]), File.ReadAllBytes(folder["model.safetensors"]));
    }
}
