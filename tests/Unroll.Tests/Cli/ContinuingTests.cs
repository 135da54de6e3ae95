using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary><c>train --from</c>: a model goes on with another text, run as a person runs it.</summary>
[Slow]
public class ContinuingTests : IDisposable
{
    private static readonly string[] Small = ["--batch", "4", "--steps", "8", "--plot", "none", "--threads", "1"];
    private static readonly string[] Short = [.. Small, "--updates", "20"];

    private readonly TemporaryFolder folder = new();

    // Trained once: the tests only read it.
    private static readonly Lazy<byte[]> Old = new(() =>
    {
        using var folder = new TemporaryFolder();
        WriteTexts(folder);
        UnrollProcess.Run(folder.Path, ["train", "old.txt", "--hidden", "12", "--members", "1", "--out", "old.safetensors", "--memory", "10000", .. Short]).Succeeded();
        return File.ReadAllBytes(folder["old.safetensors"]);
    });

    public ContinuingTests()
    {
        WriteTexts(folder);
        File.WriteAllBytes(folder["old.safetensors"], Old.Value);
    }

    private static void WriteTexts(TemporaryFolder folder)
    {
        folder.Write("old.txt", string.Concat(Enumerable.Range(0, 800).Select(i => $"line {i * i % 97} of the old text\n")));
        folder.Write("new.txt", string.Concat(Enumerable.Range(0, 300).Select(i => $"LINE {i * i % 89} of the new text ü\n")));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_says_what_it_goes_on_from_and_the_starting_model_stays_as_it_is()
    {
        byte[] before = File.ReadAllBytes(folder["old.safetensors"]);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "--from", "old.safetensors", "new.txt", "--log", "run.jsonl", .. Short]).Succeeded();
        Assert.Contains("old.safetensors, which knows", output.Error);
        Assert.Contains("6 more are new: ", output.Error);
        Assert.Contains("CIFG, 1 layer of 12 units", output.Error);
        Assert.Contains("chosen", output.Error);
        Assert.Equal(before, File.ReadAllBytes(folder["old.safetensors"]));

        Checkpoint file = Checkpoint.Read(folder["model.safetensors"]), start = Checkpoint.Read(folder["old.safetensors"]);
        Assert.Equal(start.Model.Fingerprint(), file.Summary!.From);
        Assert.Equal(start.Model.Options, file.Model.Options);
        Assert.True(file.Model.MemoryTokens > start.Model.MemoryTokens);
        Assert.Contains($"\"from\":\"{file.Summary.From}\"", File.ReadLines(folder["run.jsonl"]).First());
        Assert.True(file.Summary is { Corpus.NewTokens: true });

        JsonElement inspected = UnrollProcess.Run(folder.Path, "inspect", "model.safetensors", "--json").Succeeded().Json;
        Assert.Equal(file.Summary.From, inspected.GetProperty("summary").GetProperty("from").GetString());
        Assert.Equal(file.Model.Fingerprint(), inspected.GetProperty("fingerprint").GetString());
        UnrollOutput shown = UnrollProcess.Run(folder.Path, "inspect", "model.safetensors").Succeeded();
        Assert.Contains("went on from the model with the fingerprint", shown.Out);
        Assert.DoesNotMatch(@"initial\s+weights", shown.Out);
        Assert.Contains("ü", UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--prefix", "LINE ü", "--length", "5").Succeeded().Out);
    }

    [Fact]
    public void With_the_vocabulary_as_it_is_what_is_unknown_is_counted()
    {
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "--from", "old.safetensors", "new.txt", "--new-tokens", "off", .. Short]).Succeeded();
        string text = File.ReadAllText(folder["new.txt"]);
        int unknown = text.Count("LINEwü".Contains);
        Assert.Contains($"{unknown:N0} of the text's {text.Length:N0} are unknown to it and become <unk>", output.Error.Replace("\n", " "));
        Assert.Equal(LanguageModel.Load(folder["old.safetensors"]).Vocabulary.Tokens, LanguageModel.Load(folder["model.safetensors"]).Vocabulary.Tokens);
    }

    [Theory]
    [InlineData("--from nothing.safetensors new.txt", 1, "\"nothing.safetensors\" does not exist.")]
    [InlineData("--from new.txt old.txt", 1, "\"new.txt\" is not a usable model file")]
    [InlineData("--from old.safetensors", 2, "--from goes on with a new text, which is missing")]
    [InlineData("--from old.safetensors nothing.txt", 1, "There is no file, folder or dataset \"nothing.txt\"")]
    [InlineData("--from old.safetensors old.safetensors", 1, "UTF-8")]
    [InlineData("--from old.safetensors new.txt --hidden 13", 2, "--hidden is 12 in old.safetensors, which is to go on, not 13;")]
    [InlineData("--from old.safetensors new.txt --cell gru", 2, "--cell is cifg in old.safetensors")]
    [InlineData("--from old.safetensors new.txt --tie", 2, "--tie is off in old.safetensors")]
    [InlineData("--from old.safetensors new.txt --members 2", 2, "--members is 1 in old.safetensors")]
    [InlineData("--from old.safetensors new.txt --tokens byte", 2, "--tokens is character in old.safetensors")]
    [InlineData("--from old.safetensors new.txt --clean textbook", 2, "--clean is none in old.safetensors")]
    [InlineData("--from old.safetensors new.txt --preset textbook", 2, "--from and --preset textbook both say what the model is")]
    [InlineData("--from old.safetensors new.txt --new-tokens maybe", 2, "--new-tokens takes on or off, not 'maybe'.")]
    [InlineData("--from old.safetensors new.txt --out new.txt", 2, "--out names the text itself")]
    [InlineData("--from old.safetensors new.txt --log old.safetensors", 1, "old.safetensors is there already and is not a log")]
    [InlineData("--from old.safetensors new.txt --file-limit 1kB", 1, "has no room for its networks")]
    [InlineData("new.txt --new-tokens on", 2, "name the model with --from")]
    [InlineData("--from old.safetensors foreign.txt --new-tokens off", 1, "knows none of the tokens of foreign.txt")]
    [InlineData("--from old.safetensors short.txt", 1, "too few to keep a part of them for validation")]
    public void What_does_not_go_together_is_a_sentence_and_touches_nothing(string words, int code, string says)
    {
        folder.Write("foreign.txt", string.Concat(Enumerable.Repeat("话说天下大势", 50)));
        folder.Write("short.txt", "ab");
        string[] files = folder.Files;
        byte[] model = File.ReadAllBytes(folder["old.safetensors"]);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", .. words.Split(' '), "--updates", "2"]);
        Assert.Equal(code, output.ExitCode);
        Assert.Empty(output.Out);
        string[] lines = output.Error.TrimEnd().Split('\n');
        Assert.StartsWith("unroll: ", lines[^1]);
        Assert.Contains(says, lines[^1]);
        Assert.DoesNotContain("   at ", output.Error);
        Assert.Equal(files, folder.Files);
        Assert.Equal(model, File.ReadAllBytes(folder["old.safetensors"]));
    }

    [Fact]
    public void Options_that_say_what_the_model_is_already_are_no_contradiction()
    {
        string[] words = ["train", "--from", "old.safetensors", "new.txt", .. Short];
        UnrollProcess.Run(folder.Path, words).Succeeded();
        UnrollProcess.Run(folder.Path, [.. words, "--hidden", "12", "--cell", "cifg", "--members", "1", "--tokens", "character", "--out", "same"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), File.ReadAllBytes(folder["same"]));
        UnrollProcess.Run(folder.Path, [.. words, "--lr", "0.0005", "--out", "other"]).Succeeded();
        Assert.Equal(0.0005, Checkpoint.ReadMetadata(folder["other"]).Summary!.Training!.LearningRate);
        Assert.NotEqual(File.ReadAllBytes(folder["same"]), File.ReadAllBytes(folder["other"]));
        // The same run again makes the same bytes in the same place.
        UnrollProcess.Run(folder.Path, words).Succeeded();
        Assert.False(File.Exists(folder["model.1.safetensors"]));
    }

    [Fact]
    public void A_text_of_new_characters_only_may_be_learned()
    {
        folder.Write("foreign.txt", string.Concat(Enumerable.Repeat("话说天下大势，分久必合。", 50)));
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "--from", "old.safetensors", "foreign.txt", .. Short]).Succeeded();
        Assert.Contains("12 more are new: 话 说 天 下 大 势", output.Error.Replace("\n", " "));
    }

    [Fact]
    public void A_model_keeps_within_its_limit_by_its_memory()
    {
        folder.Write("long.txt", string.Concat(Enumerable.Range(0, 3000).Select(i => $"LINE {i * i % 89} of the new text ü\n")));
        string[] words = ["train", "--from", "old.safetensors", "long.txt", .. Short];
        UnrollProcess.Run(folder.Path, words).Succeeded();
        long whole = new FileInfo(folder["model.safetensors"]).Length;
        UnrollProcess.Run(folder.Path, [.. words, "--out", "small", "--file-limit", $"{(whole - 2000) / 1000.0:F3}kB"]).Succeeded();
        Assert.InRange(new FileInfo(folder["small"]).Length, whole - 40_000, whole - 2000);
        LanguageModel small = LanguageModel.Load(folder["small"]);
        Assert.InRange(small.MemoryTokens, 1, LanguageModel.Load(folder["model.safetensors"]).MemoryTokens - 1);
    }

    [Fact]
    public void It_may_take_its_own_model_s_place_which_is_kept_and_be_resumed_there()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        byte[] before = File.ReadAllBytes(folder["old.safetensors"]);
        string[] words = ["train", "--from", "old.safetensors", "new.txt", "--out", "old.safetensors", "--schedule", "constant", .. Small];
        string command;
        using (UnrollProcess process = UnrollProcess.Start(folder.Path, [.. words, .. EndlessRun.Length, "--measure", "0"]))
        {
            process.WaitForError("epoch ");
            process.Signal(UnrollProcess.Interrupt);
            UnrollOutput stopped = process.Finish();
            Assert.Equal(130, stopped.ExitCode);
            Assert.Contains("held the model that this run goes on from; it is kept as old.1.safetensors", stopped.Error);
            command = stopped.Error.TrimEnd().Split('\n')[^1].Trim();
        }
        Assert.Equal(before, File.ReadAllBytes(folder["old.1.safetensors"]));
        Assert.EndsWith(" --resume", command);
        string updates = EndlessRun.End(folder["old.safetensors"], more: 10);
        byte[] unfinished = File.ReadAllBytes(folder["old.safetensors"]);

        // As it was typed, but for its end; without the model; with the model, wherever it is now; and not with another.
        TrainingOptions training = Checkpoint.ReadMetadata(folder["old.safetensors"]).Summary!.Training!;
        string[] chosen = ["--updates", updates, "--memory", $"{training.MemoryTokens}", "--lr", $"{training.LearningRate}", "--state-dropout", $"{training.StateDropout}", "--ngram-dropout", $"{training.NgramDropout}"];
        UnrollProcess.Run(folder.Path, ["train", "--from", "old.1.safetensors", "new.txt", "--out", "through", "--schedule", "constant", "--measure", "0", .. Small, .. chosen]).Succeeded();
        foreach (string[] start in (string[][])[["--from", "old.safetensors"], [], ["--from", "old.1.safetensors"]])
        {
            File.WriteAllBytes(folder["old.safetensors"], unfinished);
            UnrollOutput resumed = UnrollProcess.Run(folder.Path, ["train", .. start, "new.txt", "--out", "old.safetensors", "--resume", "--plot", "none"]).Succeeded();
            Assert.Contains("goes on after", resumed.Error);
            Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["old.safetensors"]));
        }
        File.WriteAllBytes(folder["old.safetensors"], unfinished);
        UnrollProcess.Run(folder.Path, ["train", "old.txt", "--hidden", "12", "--members", "1", "--seed", "2", "--out", "stranger", .. Short]).Succeeded();
        UnrollOutput refused = UnrollProcess.Run(folder.Path, "train", "--from", "stranger", "new.txt", "--out", "old.safetensors", "--resume");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("its model goes on from the model with the fingerprint", refused.Error);
        Assert.Contains("--hidden is 12", UnrollProcess.Run(folder.Path, "train", "new.txt", "--out", "old.safetensors", "--resume", "--hidden", "13").Error);
        Assert.Equal(unfinished, File.ReadAllBytes(folder["old.safetensors"]));
    }

    [Fact]
    public void Within_a_budget_it_says_how_to_repeat_it()
    {
        string[] words = ["train", "--from", "old.safetensors", "new.txt", "--plot", "none", "--threads", "1"];
        UnrollOutput timed = UnrollProcess.Run(folder.Path, [.. words, "--budget", "3s"]).Succeeded();
        string line = timed.Error.Split('\n').Single(line => line.Contains("the same model by updates", StringComparison.Ordinal));
        string options = line[(line.IndexOf(':') + 1)..line.IndexOf(" instead of", StringComparison.Ordinal)].Trim();
        UnrollProcess.Run(folder.Path, [.. words, "--out", "again", .. options.Split(' ')]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), File.ReadAllBytes(folder["again"]));
    }

    [Theory]
    [InlineData("word", "none")]
    [InlineData("character", "textbook")]
    [InlineData("byte", "none")]
    public void A_model_s_own_way_of_reading_applies(string tokens, string clean)
    {
        UnrollProcess.Run(folder.Path, ["train", "old.txt", "--hidden", "6", "--members", "2", "--tokens", tokens, "--clean", clean, "--out", "start", .. Short]).Succeeded();
        UnrollProcess.Run(folder.Path, ["train", "new.txt", "--from", "start", .. Short]).Succeeded();
        LanguageModel start = LanguageModel.Load(folder["start"]), model = LanguageModel.Load(folder["model.safetensors"]);
        Assert.Equal(start.Vocabulary.Text, model.Vocabulary.Text);
        Assert.Equal(2, model.Members.Count);
        Assert.Equal(start.Vocabulary.Tokens, model.Vocabulary.Tokens.Take(start.Vocabulary.Count));
        if (tokens == "word")
            Assert.Contains("LINE", model.Vocabulary.Tokens.Skip(start.Vocabulary.Count));
        else
            Assert.Equal(tokens == "byte" ? 257 : start.Vocabulary.Count + 1, model.Vocabulary.Count); // w is new
    }
}
