using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>What <c>evaluate</c> says of lines, tokens and files, run as a person runs it.</summary>
public class EvaluateViewsTests(TrainedModel trained)
{
    private const string Text = "the time traveller\n\nXQ!!\nthe time traveller said\n";

    [Fact]
    public void The_oddest_lines_come_first()
    {
        JsonElement result = Run("--per-line", "--top", "2", "--json").Succeeded().Json;
        JsonElement[] lines = [.. result.GetProperty("lines").EnumerateArray()];
        Assert.Equal(2, lines.Length);
        Assert.Equal(4, result.GetProperty("read").GetInt32());
        Assert.True(lines[0].GetProperty("oddness").GetDouble() >= lines[1].GetProperty("oddness").GetDouble());
        foreach (JsonElement line in lines)
            Assert.Equal(line.GetProperty("bits").GetDouble(), line.GetProperty("each").EnumerateArray().Sum(token => token.GetProperty("bits").GetDouble()), 1e-3);

        JsonElement[] all = [.. Run("--per-line", "--top", "0", "--json").Succeeded().Json.GetProperty("lines").EnumerateArray()];
        Assert.Equal([1, 2, 3, 4], all.Select(line => line.GetProperty("line").GetInt32()));
        Assert.Equal(all.Max(line => line.GetProperty("oddness").GetDouble()), lines[0].GetProperty("oddness").GetDouble());
    }

    [Fact]
    public void Odd_characters_are_marked_without_colour()
    {
        string[] lines = Run("--per-line", "--top", "1").Succeeded().Out.Split('\n');
        Assert.Matches(@"^ *oddness +bits +expected +line$", lines[0]);
        Assert.DoesNotContain('\e', string.Concat(lines));
        Assert.Contains(lines, line => line.StartsWith("lines ", StringComparison.Ordinal));
    }

    [Fact]
    public void Tokens_have_the_loss_of_the_whole_text()
    {
        double whole = Run("--json").Succeeded().Json.GetProperty("loss").GetDouble();
        JsonElement result = Run("--per-token", "--alternatives", "2", "--json").Succeeded().Json;
        JsonElement[] tokens = [.. result.GetProperty("tokens").EnumerateArray()];
        Assert.Equal(JsonValueKind.Null, tokens[0].GetProperty("bits").ValueKind);
        Assert.All(tokens[1..], token => Assert.Equal(2, token.GetProperty("likeliest").GetArrayLength()));
        Assert.Equal(whole, result.GetProperty("whole").GetProperty("loss").GetDouble());
        Assert.Equal(whole, tokens[1..].Average(token => token.GetProperty("bits").GetDouble()) * Math.Log(2), 1e-5);
        double adapted = Run("--json", "--adapt").Succeeded().Json.GetProperty("loss").GetDouble();
        Assert.Equal(adapted, Run("--per-token", "--adapt", "--json").Succeeded().Json.GetProperty("whole").GetProperty("loss").GetDouble());
    }

    [Fact]
    public void Each_file_has_a_row()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.txt", "the time traveller said"u8.ToArray());
        folder.Write("b.txt", []);
        UnrollOutput table = UnrollProcess.Run(folder.Path, "evaluate", trained.Path, "a.txt", "b.txt", "--per-file").Succeeded();
        Assert.Contains("nothing to measure", table.Out);
        JsonElement[] texts = [.. UnrollProcess.Run(folder.Path, "evaluate", trained.Path, "a.txt", "b.txt", "--per-file", "--json")
            .Succeeded().Json.GetProperty("texts").EnumerateArray()];
        JsonElement alone = UnrollProcess.Run(folder.Path, "evaluate", trained.Path, "a.txt", "--json").Succeeded().Json;
        Assert.Equal(alone.GetProperty("loss").GetDouble(), texts[0].GetProperty("whole").GetProperty("loss").GetDouble());
        Assert.Equal(JsonValueKind.Null, texts[1].GetProperty("whole").ValueKind);
    }

    [Theory]
    [InlineData("--per-line --per-token", "exclude each other")]
    [InlineData("--top 3", "with --per-line only")]
    [InlineData("--per-line --alternatives 3", "with --per-token only")]
    [InlineData("--per-line --adapt", "give one of them")]
    [InlineData("--per-line --top -1", "--top takes a whole number of at least 0")]
    public void What_makes_no_sense_is_said(string options, string says)
    {
        UnrollOutput output = Run(options.Split(' '));
        Assert.Equal((2, ""), (output.ExitCode, output.Out));
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--per-line")]
    [InlineData("--per-line --json")]
    [InlineData("--per-token --json")]
    [InlineData("--per-file --json")]
    public void Invalid_text_gives_one_sentence_and_no_result(string options)
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.txt", [.. "time "u8, 0xC3, 0x28]);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["evaluate", trained.Path, "broken.txt", .. options.Split(' ')]);
        Assert.Equal((1, ""), (output.ExitCode, output.Out));
        Assert.Contains("not valid UTF-8", output.Error);
    }

    // Rows have come by then, so what is written is ended with the reason.
    [Theory]
    [InlineData("--per-line --top 0 --json", "lines")]
    [InlineData("--per-token --json", "tokens")]
    public void A_list_that_breaks_off_is_one_JSON_object(string options, string list)
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.txt", [.. Enumerable.Repeat("time \n"u8.ToArray(), 11_000).SelectMany(bytes => bytes), 0xC3, 0x28]);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["evaluate", trained.Path, "broken.txt", .. options.Split(' ')]);
        Assert.Equal(1, output.ExitCode);
        Assert.True(output.Json.GetProperty(list).GetArrayLength() > 4000);
        Assert.Contains("not valid UTF-8", output.Json.GetProperty("error").GetString());
        Assert.EndsWith(output.Json.GetProperty("error").GetString()!, output.Error.TrimEnd());
    }

    private UnrollOutput Run(params string[] options) => UnrollProcess.RunWith(trained.Folder, Text, ["evaluate", trained.Path, "-", .. options]);
}
