using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>generate</c>, run as a person runs it.</summary>
public class GenerateTests(TrainedModel trained)
{
    private const string Endless = "100000000";

    [Fact]
    public void The_prefix_comes_first_and_then_as_many_tokens_as_asked_for()
    {
        UnrollOutput output = UnrollProcess.Run(trained.Folder, "generate", trained.Path, "--prefix", "time traveller", "--length", "30").Succeeded();
        Assert.StartsWith("time traveller", output.Out);
        Assert.Equal("time traveller".Length + 30 + 1, output.Out.Length);
        Assert.EndsWith("\n", output.Out);
        Assert.Empty(output.Error);
    }

    [Fact]
    public void Json_has_the_promised_keys_and_seeds_repeat()
    {
        string[] words = ["generate", trained.Path, "--prefix", "the", "--length", "12", "--temperature", "1", "--count", "2", "--seed", "7", "--json"];
        UnrollOutput output = UnrollProcess.Run(trained.Folder, words).Succeeded();
        Assert.Equal(["samples"], output.Json.EnumerateObject().Select(property => property.Name));
        JsonElement[] samples = [.. output.Json.GetProperty("samples").EnumerateArray()];
        Assert.Equal(["prefix", "text", "tokens", "seconds", "logProbability", "score", "copied"], samples[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal("the", samples[0].GetProperty("prefix").GetString());
        Assert.Equal(12, samples[0].GetProperty("tokens").GetInt32());
        Assert.Equal(12, samples[0].GetProperty("text").GetString()!.Length);
        Assert.NotEqual(samples[0].GetProperty("text").GetString(), samples[1].GetProperty("text").GetString());

        string[] plain = [.. words[..^1], "--threads", "1"];
        string text = UnrollProcess.Run(trained.Folder, plain).Succeeded().Out;
        Assert.Equal(
            $"=== 1 of 2 ===\nthe{samples[0].GetProperty("text").GetString()}\n\n"
            + $"=== 2 of 2 ===\nthe{samples[1].GetProperty("text").GetString()}\n",
            text);
    }

    [Fact]
    public void An_unknown_character_of_the_prefix_is_named_on_standard_error()
    {
        UnrollProcess.Run(
            trained.Folder, "train", "--clean", "none", "--hidden", "8", "--updates", "1", "--threads", "1", "--out", "plain.safetensors").Succeeded();
        UnrollOutput output = UnrollProcess.Run(trained.Folder, "generate", "plain.safetensors", "--prefix", "time 时\u0007 x", "--length", "5").Succeeded();
        Assert.StartsWith("time 时\u0007 x", output.Out);
        Assert.Contains("'时'", output.Error);
        Assert.Contains("'␇'", output.Error);
        Assert.DoesNotContain('\u0007', output.Error);
    }

    [Fact]
    public void Text_arrives_while_it_is_produced_and_a_reader_who_leaves_ends_it_quietly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Pipes break as Unix breaks them.");
        using UnrollProcess process = UnrollProcess.Start(
            trained.Folder, "generate", trained.Path, "--length", Endless, "--threads", "1", "--temperature", "1");
        char[] text = new char[2000];
        Assert.Equal(text.Length, process.Out.ReadBlock(text, 0, text.Length));
        process.Out.Close();
        Assert.Equal(0, process.WaitForExit());
        Assert.Empty(process.ErrorToEnd());
    }

    [Fact]
    public void An_interruption_ends_it_with_the_code_that_shells_know()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using UnrollProcess process = UnrollProcess.Start(
            trained.Folder, "generate", trained.Path, "--length", Endless, "--threads", "1", "--prefix", "so");
        Assert.Equal('s', process.Out.Read());
        process.Signal(UnrollProcess.Interrupt);
        UnrollOutput output = process.Finish();
        Assert.Equal(130, output.ExitCode);
        Assert.EndsWith("\n", output.Out);
        Assert.Empty(output.Error);
    }

    [Fact]
    public void Stop_ends_the_text_and_is_kept()
    {
        UnrollOutput output = UnrollProcess.Run(
            trained.Folder, "generate", trained.Path, "--temperature", "1", "--length", "5000", "--threads", "1", "--stop", "e").Succeeded();
        Assert.EndsWith("e\n", output.Out);
        Assert.Equal(1, output.Out.Count(letter => letter == 'e'));
        UnrollOutput either = UnrollProcess.Run(
            trained.Folder, "generate", trained.Path, "--temperature", "1", "--length", "5000", "--threads", "1", "--stop", "e", "--stop", "a", "--stop", "").Succeeded();
        Assert.Matches("^[^ea]*[ea]\n$", either.Out);
        UnrollOutput nothing = UnrollProcess.Run(trained.Folder, "generate", trained.Path, "--stop", "e", "--stop");
        Assert.Equal((2, true), (nothing.ExitCode, nothing.Error.Contains("--stop needs a value", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("missing.safetensors")]
    [InlineData(".")]
    [InlineData("run.jsonl")]
    public void What_is_no_model_is_one_sentence(string path)
    {
        UnrollOutput output = UnrollProcess.Run(trained.Folder, "generate", path);
        Assert.Equal(1, output.ExitCode);
        Assert.Empty(output.Out);
        Assert.StartsWith("unroll: ", output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
    }
}
