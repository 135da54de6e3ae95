using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>evaluate</c>, run as a person runs it.</summary>
public class EvaluateTests(TrainedModel trained)
{
    [Fact]
    public void Json_has_the_promised_keys_and_agrees_with_itself()
    {
        JsonElement result = UnrollProcess.RunWith(
            trained.Folder, "The time traveller said so.", "evaluate", trained.Path, "-", "--threads", "1", "--json").Succeeded().Json;
        Assert.Equal(
            ["tokens", "characters", "bytes", "unknown", "loss", "perplexity", "bitsPerToken", "bitsPerCharacter", "bitsPerByte", "networkLoss", "tokensPerSecond"],
            result.EnumerateObject().Select(property => property.Name));
        Assert.Equal("the time traveller said so".Length - 1, result.GetProperty("tokens").GetInt32());
        double loss = result.GetProperty("loss").GetDouble();
        Assert.Equal(Math.Exp(loss), result.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.Equal(loss / Math.Log(2), result.GetProperty("bitsPerByte").GetDouble(), 1e-9);
    }

    [Fact]
    public void Unknown_tokens_are_counted_and_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("letters.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abc ", 300))));
        UnrollProcess.Run(
            folder.Path, "train", "letters.txt", "--hidden", "8", "--batch", "4", "--steps", "8", "--epochs", "1", "--threads", "1").Succeeded();
        folder.Write("other.txt", Encoding.UTF8.GetBytes("abc 時時 [x] 😀"));
        UnrollOutput output = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "other.txt", "--threads", "1").Succeeded();
        Assert.Contains("時 ×2", output.Out);
        Assert.Contains("[ ×1", output.Out);
        Assert.Contains("😀 ×1", output.Out);
        Assert.Contains("perplexity", output.Out);
        Assert.DoesNotContain('\e', output.Out);
    }

    [Fact]
    public void A_memory_is_on_or_off()
    {
        using var folder = new TemporaryFolder();
        folder.Write("lines.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1200).Select(i => $"line {i * i % 97} of some\n"))));
        UnrollProcess.Run(folder.Path, "train", "lines.txt", "--members", "1", "--hidden", "8", "--epochs", "1", "--memory", "20000").Succeeded();
        double with = Loss("loss"), without = Loss("loss", "--memory", "off");
        Assert.True(with < without);
        Assert.Equal(without, Loss("networkLoss"));
        Assert.Equal(with, Loss("loss", "--memory", "ON"));
        Assert.Contains("which the file keeps", UnrollProcess.Run(folder.Path, "inspect", "model.safetensors").Succeeded().Out);
        string[] generate = ["generate", "model.safetensors", "--prefix", "line ", "--length", "30", "--memory"];
        Assert.NotEqual(UnrollProcess.Run(folder.Path, [.. generate, "off"]).Succeeded().Out, UnrollProcess.Run(folder.Path, [.. generate, "on"]).Succeeded().Out);
        Assert.Equal("unroll: --memory takes on or off, not 'some'. See 'unroll generate --help'.\n", UnrollProcess.Run(folder.Path, [.. generate, "some"]).Error);

        double Loss(string property, params string[] options) =>
            UnrollProcess.Run(folder.Path, ["evaluate", "model.safetensors", "lines.txt", "--json", .. options]).Succeeded().Json.GetProperty(property).GetDouble();
    }

    [Fact]
    public void Invalid_text_gives_the_byte_and_no_result()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.txt", [.. "time "u8, 0xC3, 0x28]);
        UnrollOutput output = UnrollProcess.Run(folder.Path, "evaluate", trained.Path, "broken.txt", "--json");
        Assert.Equal(1, output.ExitCode);
        Assert.Empty(output.Out);
        Assert.Contains("byte", output.Error);
        Assert.Contains("5", output.Error);
    }
}
