using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Documents, as a person has them: a list of names, a folder of poems.</summary>
public class DocumentTests
{
    private static readonly string[] Training = ["--cell", "gru", "--hidden", "16", "--batch", "4", "--steps", "8", "--epochs", "3", "--plot", "none", "--threads", "1", "--preset", "default"];

    [Fact]
    public void Names_are_learned_and_written_one_at_a_time()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["names.txt"], string.Join('\n', Enumerable.Range(0, 60).Select(i => $"{"abcdefgh"[i % 8]}{"aeiou"[i % 5]}{"lmnr"[i % 4]}a")) + "\n\n");
        UnrollOutput train = UnrollProcess.Run(folder.Path, ["train", "names.txt", "--documents", "line", .. Training, "--validation", "0.2"]).Succeeded();
        Assert.DoesNotContain("--prefix", train.Error);
        UnrollOutput names = UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--temperature", "0.7", "--count", "5", "--length", "30").Succeeded();
        string[] lines = names.Out.TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.DoesNotContain("===", names.Out);
        Assert.Equal(names.Out, UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--temperature", "0.7", "--count", "5", "--length", "30").Succeeded().Out);

        // Every line with its end, the empty one without.
        UnrollOutput evaluate = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "names.txt", "--json").Succeeded();
        Assert.Equal(60 * 5, evaluate.Json.GetProperty("tokens").GetInt32());
        UnrollOutput perLine = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "names.txt", "--per-line", "--json").Succeeded();
        Assert.Equal(evaluate.Json.GetProperty("loss").GetDouble(), perLine.Json.GetProperty("whole").GetProperty("loss").GetDouble(), 1e-6);
        Assert.Contains("every line a document", UnrollProcess.Run(folder.Path, "inspect", "model.safetensors").Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_a_folder_are_documents()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["poems"]);
        for (int i = 0; i < 12; i++)
            File.WriteAllText(folder[$"poems/{i:00}.txt"], $"line one of {i}\nline two of {i}\n", new UTF8Encoding(false));
        File.WriteAllText(folder["poems/nothing.txt"], "");
        UnrollProcess.Run(folder.Path, ["train", "poems", "--documents", "file", .. Training, "--validation", "0"]).Succeeded();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "poems", "--json").Succeeded();
        Assert.Equal(TextFiles(folder["poems"]).Sum(text => text.Length + 1), output.Json.GetProperty("tokens").GetInt32());

        static IEnumerable<string> TextFiles(string path) => Directory.GetFiles(path).Select(File.ReadAllText).Where(text => text.Length > 0);
    }

    [Fact]
    public void Documents_of_byte_pairs_are_trained_measured_written_and_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        string[] lines = [.. Enumerable.Range(0, 90).Select(i => $"some naïve 時光機 and {"aeiou"[i % 5]}{"lmnr"[i % 4]}")];
        File.WriteAllText(folder["lines.txt"], "\n\n" + string.Join("\n\n", lines) + "\n");
        string[] words = ["train", "lines.txt", "--documents", "line", "--tokens", "bpe", "--vocabulary", "290", .. Training, "--validation", "0.2", "--sample-every", "0"];
        UnrollProcess.Run(folder.Path, words).Succeeded();
        words[Array.IndexOf(words, "--threads") + 1] = "2";
        UnrollProcess.Run(folder.Path, [.. words, "--out", "two.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), File.ReadAllBytes(folder["two.safetensors"]));

        UnrollOutput written = UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--prefix", "some", "--count", "3", "--length", "200", "--temperature", "0.1").Succeeded();
        Assert.Equal(3, written.Out.TrimEnd('\n').Split('\n').Length);
        Assert.All(written.Out.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("some", line, StringComparison.Ordinal));

        UnrollOutput evaluate = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "lines.txt", "--json").Succeeded();
        Assert.Equal((lines.Sum(line => line.Length + 1), 0), (evaluate.Json.GetProperty("characters").GetInt32(), evaluate.Json.GetProperty("unknown").GetInt32()));
        UnrollOutput perLine = UnrollProcess.Run(folder.Path, "evaluate", "model.safetensors", "lines.txt", "--per-line", "--json").Succeeded();
        Assert.Equal(evaluate.Json.GetProperty("loss").GetDouble(), perLine.Json.GetProperty("whole").GetProperty("loss").GetDouble(), 1e-6);

        UnrollProcess.Run(folder.Path, [.. Words("--from", "model.safetensors"), "--out", "more.safetensors"]).Succeeded();
        foreach (string model in (string[])["model", "more"])
        {
            UnrollProcess.Run(folder.Path, "inspect", $"{model}.safetensors", "--tokenizer", $"{model}.json").Succeeded();
            JsonElement tokenizer = JsonDocument.Parse(File.ReadAllBytes(folder[$"{model}.json"])).RootElement;
            int mark = tokenizer.GetProperty("added_tokens").EnumerateArray().Single().GetProperty("id").GetInt32();
            Assert.Equal(tokenizer.GetProperty("model").GetProperty("vocab").EnumerateObject().Count() - 1, mark);
        }
        Assert.Contains("train lines.txt --tokens bpe --documents line", UnrollProcess.Run(folder.Path, "inspect", "lines.txt", "--tokens", "bpe", "--documents", "line").Succeeded().Out, StringComparison.Ordinal);

        static string[] Words(params string[] more) => ["train", "lines.txt", "--updates", "3", "--plot", "none", "--threads", "1", .. more];
    }

    [Theory]
    [InlineData("--documents takes none, line or file, not 'page'.", "--documents", "page")]
    [InlineData("--clean must be none where a text has documents", "--documents", "line", "--clean", "textbook")]
    [InlineData("--vocabulary must be at least 258 where a text has documents, not 257", "--documents", "line", "--tokens", "bpe", "--vocabulary", "257")]
    public void What_cannot_be_is_said_in_a_sentence(string message, params string[] options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.txt"], "one\ntwo\n");
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "text.txt", .. options]);
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains(message, output.Error, StringComparison.Ordinal);
        Assert.Single(output.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(["text.txt"], folder.Files);
    }
}
