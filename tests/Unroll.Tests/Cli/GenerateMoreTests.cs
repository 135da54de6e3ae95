using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Searching, restraining and reporting, run as a person runs them.</summary>
public class GenerateMoreTests(TrainedModel trained)
{
    [Fact]
    public void A_beam_prints_the_best_text_and_with_count_the_n_best()
    {
        string best = Run("--prefix", "time", "--beam", "4", "--length", "20").Out;
        Assert.StartsWith("time", best);
        Assert.Equal("time".Length + 20 + 1, best.Length);
        string three = Run("--prefix", "time", "--beam", "4", "--length", "20", "--count", "3").Out;
        Assert.Matches(@"^=== 1 of 3, score -[\d.]+ ===\n", three);
        Assert.Contains(best, three);
        JsonElement[] samples = [.. Run("--prefix", "time", "--beam", "4", "--length", "20", "--count", "4", "--json").Json.GetProperty("samples").EnumerateArray()];
        Assert.Equal(best, $"time{samples[0].GetProperty("text").GetString()}\n");
        double[] scores = [.. samples.Select(sample => sample.GetProperty("score").GetDouble())];
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(samples[0].GetProperty("logProbability").GetDouble() / Math.Pow(20, 0.75), scores[0], 1e-9);
        double[] plain = [.. Run("--prefix", "time", "--beam", "4", "--length", "20", "--length-penalty", "0", "--json").Json.GetProperty("samples").EnumerateArray()
            .Select(sample => sample.GetProperty("score").GetDouble())];
        Assert.Equal(samples.Max(sample => sample.GetProperty("logProbability").GetDouble()), plain[0], 1e-9);
    }

    [Fact]
    public void A_beam_ends_texts_where_they_stop()
    {
        string sentence = Run("--prefix", "the", "--beam", "8", "--length", "300", "--stop", "e").Out;
        Assert.Matches("^the[^e]*e\n$", sentence);
    }

    [Theory]
    [InlineData("--beam 1", "--beam takes a whole number from 2 to 64, not '1'")]
    [InlineData("--beam 65", "--beam takes a whole number from 2 to 64, not '65'")]
    [InlineData("--beam 4 --temperature 0.8", "--beam looks for the likeliest text and draws nothing: leave out --temperature")]
    [InlineData("--beam 4 --seed 3", "leave out --seed")]
    [InlineData("--beam 4 --min-p 0.1", "leave out --min-p")]
    [InlineData("--beam 4 --count 5", "--beam 4 keeps 4 texts, fewer than --count 5")]
    [InlineData("--length-penalty 1", "give --beam too")]
    [InlineData("--repetition-penalty 0.5", "--repetition-penalty takes a number of at least 1, not '0.5'")]
    [InlineData("--min-p 2", "--min-p takes a number of at least 0 and at most 1, not '2'")]
    [InlineData("--allow z-a", "--allow has the range 'z-a', which goes backwards")]
    [InlineData("--allow 0-9", "--allow leaves no token: the model knows none that is made of '0-9' alone")]
    [InlineData("--report", "--report needs the files of the training text, for this model has no memory of counts that holds it")]
    public void What_makes_no_sense_is_a_sentence_and_nothing_else(string words, string says)
    {
        UnrollOutput output = UnrollProcess.Run(trained.Folder, ["generate", trained.Path, .. words.Split(' ')]);
        Assert.Equal(2, output.ExitCode);
        Assert.Empty(output.Out);
        Assert.StartsWith("unroll: ", output.Error);
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Allowed_characters_penalties_and_shortlists_shape_the_text()
    {
        Assert.Matches("^the [aeiou]{40}\n$", Run("--prefix", "the ", "--length", "40", "--temperature", "1.5", "--allow", "aeiou").Out);
        string circle = Run("--prefix", "the ", "--length", "300").Out, other = Run("--prefix", "the ", "--length", "300", "--repetition-penalty", "3").Out;
        Assert.NotEqual(circle, other);
        // Where only what is as likely as the likeliest is left, drawing is greedy.
        Assert.Equal(circle, Run("--prefix", "the ", "--length", "300", "--temperature", "1", "--min-p", "1").Out);
    }

    [Fact]
    public void A_report_compares_with_files_or_with_the_memory()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Range(0, 400).Select(i => $"line {i * i % 37} of a text that repeats itself, and {i % 11} more.\n"));
        File.WriteAllText(folder["text.txt"], text);
        UnrollProcess.Run(folder.Path, "train", "text.txt", "--hidden", "8", "--updates", "3", "--memory", "20000", "--threads", "1", "--out", "m.safetensors").Succeeded();
        string[] words = ["generate", "m.safetensors", "--length", "100", "--temperature", "0.7", "--count", "2", "--report"];
        UnrollOutput byMemory = UnrollProcess.Run(folder.Path, [.. words, "--json"]).Succeeded(), byFile = UnrollProcess.Run(folder.Path, [.. words, "text.txt", "--json"]).Succeeded();
        foreach (JsonElement sample in byFile.Json.GetProperty("samples").EnumerateArray())
        {
            JsonElement copied = sample.GetProperty("copied"), longest = copied.GetProperty("longest");
            Assert.Equal(text.Length, copied.GetProperty("trainingTokens").GetInt64());
            string run = longest.GetProperty("text").GetString()!, said = sample.GetProperty("text").GetString()!;
            Assert.Equal(run, said.Substring(longest.GetProperty("start").GetInt32(), longest.GetProperty("tokens").GetInt32()));
            Assert.Contains(run, text);
            Assert.DoesNotContain(Enumerable.Range(0, said.Length - run.Length), i => text.Contains(said.Substring(i, run.Length + 1), StringComparison.Ordinal));
            double[] shares = [.. copied.GetProperty("shares").EnumerateArray().Select(share => share.GetProperty("share").GetDouble())];
            Assert.Equal(shares.OrderDescending(), shares);
        }
        JsonElement kept = byMemory.Json.GetProperty("samples")[0].GetProperty("copied");
        Assert.InRange(kept.GetProperty("trainingTokens").GetInt64(), 15_000, 20_000); // all but the validation part
        Assert.True(kept.GetProperty("longest").GetProperty("tokens").GetInt32() > 4);

        string shown = UnrollProcess.Run(folder.Path, [.. words, "--memory", "off"]).Succeeded().Out;
        Assert.Matches(@"\n\n=== 2 of 2 ===\ntraining text +[\d,]+  characters that the model's memory has kept\nruns of 4 ", shown);
        Assert.Matches(@"longest run +\d+  from \d+ on: ""[^\n]+""\n$", shown);
        UnrollOutput missing = UnrollProcess.Run(folder.Path, [.. words, "nothing.txt"]);
        Assert.Equal((1, ""), (missing.ExitCode, missing.Out));
    }

    [Fact]
    public void The_help_has_every_option()
    {
        string help = UnrollProcess.Run(trained.Folder, "generate", "--help").Succeeded().Out;
        foreach (string option in (string[])["beam", "length-penalty", "repetition-penalty", "min-p", "allow", "report", "json"])
            Assert.Matches($@"(?m)^  --{option}\b", help);
        Assert.DoesNotContain(help.Split('\n'), line => line.Length > 100);
    }

    private UnrollOutput Run(params string[] words) => UnrollProcess.Run(trained.Folder, ["generate", trained.Path, .. words, "--threads", "1"]).Succeeded();
}
