using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Byte pairs from the text to the file for other programs, by the built command.</summary>
public class BytePairTests
{
    private static readonly string[] Train =
        ["train", "text.txt", "--tokens", "bpe", "--vocabulary", "300", "--hidden", "16", "--updates", "30", "--plot", "none", "--sample-every", "0"];

    [Fact]
    public void A_model_of_byte_pairs_is_trained_measured_asked_and_shown()
    {
        using TemporaryFolder folder = Text();
        JsonElement trained = UnrollProcess.Run(folder.Path, [.. Train, "--json"]).Succeeded().Json;
        Assert.Equal(300, trained.GetProperty("vocabulary").GetInt32());
        JsonElement validation = trained.GetProperty("validation");
        double perToken = validation.GetProperty("loss").GetDouble() / Math.Log(2);
        Assert.InRange(validation.GetProperty("bitsPerCharacter").GetDouble(), 0.1 * perToken, 0.9 * perToken);
        Assert.InRange(validation.GetProperty("bitsPerByte").GetDouble(), 0.1 * perToken, validation.GetProperty("bitsPerCharacter").GetDouble() * 0.99);

        JsonElement measured = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "text.txt", "--json").Succeeded().Json;
        Assert.Equal(0, measured.GetProperty("unknown").GetInt32());
        Assert.True(measured.GetProperty("tokens").GetInt32() < measured.GetProperty("characters").GetInt32() * 0.7);
        Assert.Equal(
            measured.GetProperty("bitsPerToken").GetDouble() * measured.GetProperty("tokens").GetInt32(),
            measured.GetProperty("bitsPerByte").GetDouble() * measured.GetProperty("bytes").GetInt32(), 6);
        UnrollOutput other = UnrollProcess.RunWith(folder.Path, "نص 時光機 😀\0", "evaluate", "model.safetensors", "-").Succeeded();
        Assert.DoesNotContain("unknown tokens", other.Out);
        foreach (string fact in (string[])["per token", "per character", "per byte"])
            Assert.Contains($"bits {fact}", other.Out);

        string text = UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--prefix", "naïve 時", "--length", "200", "--temperature", "1").Succeeded().Out;
        Assert.StartsWith("naïve 時", text);

        JsonElement shown = UnrollProcess.Run(folder.Path, "inspect", "model.safetensors", "--json").Succeeded().Json;
        Assert.Equal("bpe", shown.GetProperty("text").GetProperty("tokens").GetString());
        Assert.Equal(300, shown.GetProperty("summary").GetProperty("corpus").GetProperty("vocabulary").GetInt32());
    }

    [Fact]
    public void Neither_threads_nor_where_the_text_comes_from_change_the_bytes()
    {
        using TemporaryFolder folder = Text();
        UnrollProcess.Run(folder.Path, [.. Train, "--threads", "1", "--out", "a.safetensors"]).Succeeded();
        UnrollProcess.Run(folder.Path, [.. Train, "--threads", "2", "--out", "b.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));
        string input = File.ReadAllText(folder["text.txt"]);
        UnrollProcess.RunWith(folder.Path, input, [.. Train.Select(word => word == "text.txt" ? "-" : word), "--out", "c.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["c.safetensors"]));
    }

    [Fact]
    public void The_vocabulary_is_written_for_other_programs_and_over_nothing()
    {
        using TemporaryFolder folder = Text();
        UnrollProcess.Run(folder.Path, Train).Succeeded();
        UnrollProcess.Run(folder.Path, "inspect", "model.safetensors", "--tokenizer", "tokenizer.json").Succeeded();
        byte[] written = File.ReadAllBytes(folder["tokenizer.json"]);
        Assert.Equal(300, JsonDocument.Parse(written).RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().Count());
        UnrollOutput again = UnrollProcess.Run(folder.Path, "inspect", "model.safetensors", "--tokenizer", "text.txt");
        Assert.Equal((1, ""), (again.ExitCode, again.Out));
        Assert.Equal("unroll: text.txt is there already and stays as it is; name another file with --tokenizer.\n", again.Error);
        UnrollOutput text = UnrollProcess.Run(folder.Path, "inspect", "text.txt", "--tokenizer", "other.json");
        Assert.Equal(2, text.ExitCode);
        Assert.Contains("name one model file", text.Error);
        Assert.False(File.Exists(folder["other.json"]));
    }

    [Fact]
    public void A_text_is_counted_in_byte_pairs()
    {
        using TemporaryFolder folder = Text();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "inspect", "text.txt", "--tokens", "bpe", "--vocabulary", "280").Succeeded();
        Assert.Contains("byte-pair tokens", output.Out);
        Assert.Contains("--tokens bpe --vocabulary 280 --budget 3m", output.Out);
        Assert.DoesNotContain("--min-count", output.Out);
    }

    [Theory]
    [InlineData("train text.txt --vocabulary 300", "--vocabulary is for --tokens bpe, and the tokens are characters")]
    [InlineData("train text.txt --tokens word --vocabulary 300", "--vocabulary is for --tokens bpe, and the tokens are words")]
    [InlineData("train text.txt --tokens bpe --vocabulary 256", "--vocabulary takes a whole number from 257 to 65536, not '256'")]
    [InlineData("inspect text.txt --vocabulary 300", "--vocabulary is for --tokens bpe")]
    [InlineData("train text.txt --tokens pairs", "--tokens takes character, word, byte or bpe, not 'pairs'")]
    public void What_is_wrong_is_a_sentence(string words, string says)
    {
        using TemporaryFolder folder = Text();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Split(' '));
        Assert.Equal((2, ""), (output.ExitCode, output.Out));
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Equal(["text.txt"], folder.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void A_small_text_says_that_it_fills_no_large_vocabulary()
    {
        using TemporaryFolder folder = Text();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "text.txt", "--tokens", "bpe", "--hidden", "8", "--updates", "2", "--plot", "none").Succeeded();
        Assert.Matches(@"The text fills a vocabulary of \d+ tokens, not 4096: after that no pair occurs twice in it\.", output.Error);
    }

    private static TemporaryFolder Text()
    {
        var folder = new TemporaryFolder();
        folder.Write("text.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 900).Select(i => $"line {i * i % 97} of some naïve 時光機 and {i % 7} more’s\n"))));
        return folder;
    }
}
