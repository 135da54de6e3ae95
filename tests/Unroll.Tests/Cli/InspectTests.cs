using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>inspect</c>, run as a person runs it.</summary>
public class InspectTests(TrainedModel trained)
{
    [Fact]
    public void A_text_is_counted()
    {
        JsonElement result = UnrollProcess.RunWith(trained.Folder, "ababa\nc", "inspect", "-", "--json", "--top", "2").Succeeded().Json;
        Assert.Equal(["kind", "characters", "tokens", "vocabulary", "top", "advice", "countsLoss"], result.EnumerateObject().Select(property => property.Name));
        Assert.Equal("text", result.GetProperty("kind").GetString());
        string[] counts = ["characters", "tokens", "vocabulary"];
        Assert.Equal([7, 7, 5], counts.Select(name => result.GetProperty(name).GetInt32()));
        Assert.Equal("""[{"token":"a","id":1,"count":3},{"token":"b","id":2,"count":2}]""", JsonSerializer.Serialize(result.GetProperty("top")));
    }

    [Fact]
    public void A_table_of_a_text_shows_what_cannot_be_seen()
    {
        using var folder = new TemporaryFolder();
        folder.Write("odd.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[bold] 時間\n\t\e😀", 300))));
        UnrollOutput output = UnrollProcess.Run(folder.Path, "inspect", "odd.txt").Succeeded();
        foreach (string shown in (string[])["␣", "↵", "⇥", "␛", "😀", "[", "]", "時"])
            Assert.Contains(output.Out.Split('\n'), line => line.StartsWith($"  {shown} ", StringComparison.Ordinal));
        Assert.DoesNotContain('\e', output.Out);
        Assert.Contains("--budget 3m", output.Out);
    }

    [Fact]
    public void A_text_is_told_what_training_would_make_of_it()
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i * i % 97} of some\n"))));
        JsonElement result = UnrollProcess.Run(folder.Path, "inspect", "text.txt", "--json").Succeeded().Json;
        JsonElement[] advice = [.. result.GetProperty("advice").EnumerateArray()];
        Assert.Equal([60, 180, 900, 3600], advice.Select(row => row.GetProperty("seconds").GetDouble()));
        Assert.All(advice, row => Assert.InRange(row.GetProperty("networks").GetInt32(), 1, 8));
        Assert.All(advice, row => Assert.True(row.GetProperty("passes").GetDouble() > 0));
        // Most of each line is certain, so counts know far better than a blind guess among as many tokens.
        Assert.InRange(result.GetProperty("countsLoss").GetDouble(), 0.01, 0.5 * Math.Log(result.GetProperty("vocabulary").GetInt32()));
    }

    [Fact]
    public void A_model_is_known_by_its_content()
    {
        string copy = trained.File("copy.of.a.model");
        File.Copy(trained.Path, copy, overwrite: true);
        JsonElement result = UnrollProcess.Run(trained.Folder, "inspect", copy, "--json").Succeeded().Json;
        Assert.Equal("model", result.GetProperty("kind").GetString());
        Assert.Equal(24, result.GetProperty("options").GetProperty("hidden").GetInt32());
        Assert.Equal(28, result.GetProperty("vocabulary").GetInt32());
        Assert.Equal(trained.Training.Json.GetProperty("parameters").GetInt32(), result.GetProperty("parameters").GetInt32());

        File.WriteAllText(trained.File("damaged.safetensors"), "no model any more");
        Assert.Contains("damaged.safetensors", UnrollProcess.Run(trained.Folder, "inspect", "damaged.safetensors").Error);

        UnrollOutput table = UnrollProcess.Run(trained.Folder, "inspect", trained.Path).Succeeded();
        Assert.Contains("rnn.weight_hh_l0", table.Out);
        Assert.Contains("24 × 24", table.Out);
        Assert.Contains("finished", table.Out);
        Assert.Matches(@"normal\s+initial\s+weights", table.Out);
    }
}
