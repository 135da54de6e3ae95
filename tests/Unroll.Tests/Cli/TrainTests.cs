using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>train</c>, run as a person runs it.</summary>
public class TrainTests(TrainedModel trained)
{
    private const string Chinese = "话说天下大势，分久必合，合久必分。𠮷野家的𝒳与😀，皆付笑谈中。";

    [Fact]
    public void Json_is_one_object_with_the_promised_keys()
    {
        JsonElement result = trained.Training.Json;
        Assert.Equal(
            ["model", "members", "parameters", "vocabulary", "epochs", "updates", "tokens", "seconds", "tokensPerSecond", "training", "validation", "networkValidation", "samples"],
            Names(result));
        Assert.Equal(["loss", "perplexity"], Names(result.GetProperty("training")));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("validation").ValueKind);
        Assert.Equal(["prefix", "text"], Names(result.GetProperty("samples")[0]));
        Assert.Equal(
            ["time traveller", "traveller"],
            result.GetProperty("samples").EnumerateArray().Select(sample => sample.GetProperty("prefix").GetString()));
        Assert.Equal("model.safetensors", result.GetProperty("model").GetString());
        Assert.Equal([3, 24, 26880], new[] { "epochs", "updates", "tokens" }.Select(name => result.GetProperty(name).GetInt32()));
        Assert.Equal(28, result.GetProperty("vocabulary").GetInt32());
        Assert.Equal((24 * 28) + (24 * 24) + 24 + (28 * 24) + 28, result.GetProperty("parameters").GetInt32());
    }

    [Theory]
    [InlineData("gru", 226_076)]
    [InlineData("lstm", 299_036)]
    public void The_textbook_s_preset_with_another_cell_is_the_book_s_model_from_scratch(string cell, int parameters)
    {
        using var folder = new TemporaryFolder();
        JsonElement result = UnrollProcess.Run(
            folder.Path, "train", "--preset", "textbook", "--cell", cell, "--updates", "1", "--max-tokens", "2000", "--plot", "none", "--threads", "1", "--json").Succeeded().Json;
        Assert.Equal(parameters, result.GetProperty("parameters").GetInt32());
        Checkpoint checkpoint = Checkpoint.Read(folder["model.safetensors"]);
        Assert.Equal(Presets.Find($"textbook-{cell}-scratch").Model, checkpoint.Model.Options);
        UnrollProcess.Run(folder.Path, "train", "--cell", cell, "--biases", "one", "--hidden", "9", "--updates", "1", "--max-tokens", "2000", "--plot", "none", "--threads", "1", "--out", "small").Succeeded();
        Assert.Equal(checkpoint.Model.Options with { HiddenSize = 9 }, LanguageModel.Load(folder["small"]).Options);
    }

    [Fact]
    public void What_the_library_says_of_options_is_told_in_flags()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "--tie", "--hidden", "8", "--embedding", "4");
        Assert.Equal("unroll: --tie needs an embedding as long as the hidden state: --embedding is 4, --hidden 8.\n", output.Error);
        UnrollOutput shards = UnrollProcess.Run(folder.Path, "train", "--shards", "8", "--batch", "4");
        Assert.Equal("unroll: --shards must be at most --batch (4), not 8.\n", shards.Error);
        Assert.Equal((1, 1), (output.ExitCode, shards.ExitCode));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void The_window_s_length_has_two_names_and_shards_stand_in_the_file()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["train", "--hidden", "8", "--batch", "4", "--updates", "2", "--max-tokens", "2000", "--plot", "none", "--threads", "1"];
        UnrollProcess.Run(folder.Path, [.. words, "--sequence-length", "16", "--shards", "2", "--out", "a"]).Succeeded();
        UnrollProcess.Run(folder.Path, [.. words, "--steps", "16", "--shards", "2", "--out", "b"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
        TrainingOptions training = Checkpoint.ReadMetadata(folder["a"]).Summary!.Training!;
        Assert.Equal((16, 2), (training.SequenceLength, training.Shards));
    }

    [Fact]
    public void Progress_is_plain_lines_where_nobody_looks_on()
    {
        Assert.DoesNotContain('\e', trained.Training.Error);
        Assert.DoesNotContain('\r', trained.Training.Error);
        Assert.Contains("epoch 1 of 3: perplexity", trained.Training.Error);
        Assert.Contains("  time traveller", trained.Training.Error);
        UnrollProcess.Run(
            trained.Folder, "train", "--hidden", "8", "--updates", "1", "--threads", "1", "--out", "one.safetensors", "--plot", "none").Succeeded();
        Assert.True(File.Exists(trained.File("one.safetensors")));
        Assert.False(File.Exists(trained.File("one.svg")));
    }

    [Fact]
    public void The_plot_is_a_picture_with_axes_and_a_named_curve()
    {
        XDocument picture = XDocument.Load(trained.File("model.svg"));
        string[] texts = [.. picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains("epoch", texts);
        Assert.Contains("perplexity", texts);
        Assert.Contains("training", texts);
        Assert.DoesNotContain("validation", texts);
    }

    [Fact]
    public void The_log_has_the_options_first_and_then_a_line_for_each_epoch_and_sample()
    {
        JsonElement[] all = [.. File.ReadLines(trained.File("run.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] lines = [.. all.Where(line => !line.TryGetProperty("sample", out _))], samples = [.. all.Where(line => line.TryGetProperty("sample", out _))];
        Assert.Equal(4, lines.Length);
        Assert.Equal([1, 2, 3], samples.Select(line => line.GetProperty("epoch").GetInt32()));
        Assert.All(samples, line => Assert.Equal(["prefix", "text"], line.GetProperty("sample").EnumerateObject().Select(property => property.Name)));
        Assert.Equal(24, lines[0].GetProperty("model").GetProperty("hidden").GetInt32());
        Assert.Equal("textbook", lines[0].GetProperty("text").GetProperty("clean").GetString());
        Assert.Equal("sgd", lines[0].GetProperty("training").GetProperty("optimizer").GetString());
        Assert.Equal([1, 2, 3], lines[1..].Select(line => line.GetProperty("epoch").GetInt32()));
        Assert.True(lines[3].GetProperty("loss").GetDouble() < lines[1].GetProperty("loss").GetDouble());
    }

    [Fact]
    public void The_same_run_again_gives_the_same_bytes_and_another_run_keeps_the_earlier_model()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["train", "--hidden", "8", "--epochs", "1", "--batch", "8", "--max-tokens", "3000"];
        UnrollProcess.Run(folder.Path, [.. words, "--threads", "2"]).Succeeded();
        byte[] first = File.ReadAllBytes(folder["model.safetensors"]);
        UnrollProcess.Run(folder.Path, [.. words, "--threads", "1"]).Succeeded();
        Assert.Equal(first, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal(["model.safetensors", "model.svg"], folder.Files);

        UnrollOutput other = UnrollProcess.Run(folder.Path, [.. words, "--threads", "1", "--seed", "2"]).Succeeded();
        Assert.Contains("model.1.safetensors", other.Error);
        Assert.Equal(first, File.ReadAllBytes(folder["model.1.safetensors"]));
        Assert.NotEqual(first, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal(["model.1.safetensors", "model.1.svg", "model.safetensors", "model.svg"], folder.Files);
    }

    [Fact]
    public void A_file_that_is_no_model_is_never_replaced()
    {
        using var folder = new TemporaryFolder();
        folder.Write("precious.doc", Encoding.UTF8.GetBytes("The only copy of my thesis."));
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "--hidden", "8", "--epochs", "1", "--out", "precious.doc");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("precious.doc is there already", output.Error);
        Assert.Equal("The only copy of my thesis.", File.ReadAllText(folder["precious.doc"]));
    }

    [Fact]
    public void Chinese_and_characters_beyond_the_first_plane_come_through_whole()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.RunWith(
            folder.Path, string.Concat(Enumerable.Repeat(Chinese + "\n", 60)),
            "train", "-", "--cell", "gru", "--hidden", "16", "--batch", "4", "--steps", "16", "--epochs", "2", "--threads", "1", "--json").Succeeded();
        Assert.Equal(1 + Chinese.EnumerateRunes().Distinct().Count() + 1, output.Json.GetProperty("vocabulary").GetInt32());
        JsonElement sample = output.Json.GetProperty("samples")[0];
        Assert.StartsWith("话说天下", sample.GetProperty("prefix").GetString());
        string text = sample.GetProperty("text").GetString()!;
        Assert.Equal(50, text.EnumerateRunes().Count());
        Assert.DoesNotContain('\uFFFD', text);
        Assert.True(output.Json.GetProperty("validation").GetProperty("bitsPerCharacter").GetDouble() > 0);
        Assert.Contains("validation", XDocument.Load(folder["model.svg"]).ToString());
        Assert.Contains("to validate on", output.Error);
    }

    [Fact]
    public void A_text_of_its_own_validates_and_the_choices_are_printed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("learn.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("to be or not to be ", 100))));
        folder.Write("check.txt", Encoding.UTF8.GetBytes("not to be or to be"));
        UnrollOutput output = UnrollProcess.Run(
            folder.Path, "train", "learn.txt", "--validation", "check.txt",
            "--hidden", "8", "--batch", "4", "--steps", "8", "--epochs", "1", "--threads", "1").Succeeded();
        Assert.Contains("18 to validate on", output.Error);
        Assert.Contains("networks, each CIFG", output.Error);
        Assert.Contains("validation", output.Out);
        Assert.Contains("generate model.safetensors", output.Error);
    }

    [Fact]
    public void A_text_that_is_too_short_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.RunWith(folder.Path, "short", "train", "-", "--validation", "0");
        Assert.Equal(1, output.ExitCode);
        Assert.Empty(output.Out);
        Assert.Single(output.Error.Split('\n'), line => line.StartsWith("unroll: ", StringComparison.Ordinal));
        Assert.Empty(folder.Files);
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}
