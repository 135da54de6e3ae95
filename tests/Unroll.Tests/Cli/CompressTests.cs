using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Compressing and expanding, run as a person runs them.</summary>
public class CompressTests(TrainedModel trained)
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("the time traveller smiled round at us then still smiling faintly\nand with his hands deep in his pockets — he walked slowly out\r\n", 60));

    [Fact]
    public void A_file_gets_small_and_comes_back()
    {
        using var folder = new TemporaryFolder();
        byte[] content = [.. Encoding.UTF8.GetBytes(Text), 0xff, 0];
        folder.Write("text.txt", content);
        UnrollOutput compressed = Run(folder, "compress", "text.txt").Succeeded();
        Assert.Matches(@"(?s)^text\.txt\.unroll\ntext +[\d,]+  bytes\ncompressed +[\d,]+  bytes: \d+ %, [\d.]+ bits per byte\nspeed +[\d,]+  bytes of text per second", compressed.Out);
        Assert.True(new FileInfo(folder["text.txt.unroll"]).Length < 0.7 * content.Length);
        File.Delete(folder["text.txt"]);
        Run(folder, "expand", "text.txt.unroll").Succeeded();
        Assert.Equal(content, File.ReadAllBytes(folder["text.txt"]));
        Assert.Equal(["text.txt", "text.txt.unroll"], folder.Files);
    }

    // The promise of the house, between processes: one with the widest vectors and two threads, the other without.
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    public void What_one_vector_width_compressed_another_expands(string variable)
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Text);
        Run(folder, "compress", "text.txt", "--segments", "5", "--threads", "2").Succeeded();
        Run(folder, "compress", "text.txt", "--adapt", "--out", "adapted").Succeeded();
        foreach (string file in (string[])["text.txt.unroll", "adapted"])
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, "dotnet",
                [UnrollProcess.Program, "expand", file, "--model", trained.Path, "--out", "back.txt", "--replace", "--threads", "1"],
                new Dictionary<string, string> { [variable] = "0" });
            process.Send("");
            process.Finish().Succeeded();
            Assert.Equal(Text, File.ReadAllText(folder["back.txt"]));
        }
    }

    [Fact]
    public void Standard_input_goes_to_standard_output()
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Text);
        Shell($"cat text.txt | {Command("compress", "-")} > small && {Command("expand", "-")} < small > back.txt && {Command("expand", "small", "--out", "-")} | cmp - text.txt").Succeeded();
        Assert.Equal(Text, File.ReadAllText(folder["back.txt"]));
        Run(folder, "compress", "text.txt", "--out", "same").Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["same"]), File.ReadAllBytes(folder["small"]));
        // What is damaged shows nothing of itself, however much of it is whole.
        byte[] damaged = File.ReadAllBytes(folder["small"]);
        damaged[^1] ^= 1;
        folder.Write("damaged", damaged);
        UnrollOutput output = Run(folder, "expand", "damaged", "--out", "-");
        Assert.Equal((1, "", "unroll: damaged is damaged.\n"), (output.ExitCode, output.Out, output.Error));

        string Command(params string[] words) => $"dotnet {UnrollProcess.Program} {string.Join(' ', words)} --model {trained.Path}";

        UnrollOutput Shell(string line)
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, "bash", ["-c", line]);
            process.Send("");
            return process.Finish();
        }
    }

    [Fact]
    public void Many_short_files_go_at_once_and_a_bad_one_stops_no_other()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["small"]);
        Directory.CreateDirectory(folder["back"]);
        string[] names = [.. Enumerable.Range(0, 8).Select(i => $"{i}.txt")];
        foreach (string name in names)
            folder.Write(name, name == "7.txt" ? Text : name == "3.txt" ? "" : $"The time traveller, {name}\n");
        UnrollOutput compressed = Run(folder, ["compress", .. names, "--out", "small", "--json"]).Succeeded();
        JsonElement[] files = [.. compressed.Json.GetProperty("files").EnumerateArray()];
        Assert.Equal(8, files.Length);
        Assert.Equal(names.Sum(name => new FileInfo(folder[name]).Length), compressed.Json.GetProperty("bytes").GetInt64());
        Assert.All(files, file => Assert.Equal(new FileInfo(folder[file.GetProperty("out").GetString()!]).Length, file.GetProperty("compressedBytes").GetInt64()));
        string[] small = [.. names.Select(name => $"small/{name}.unroll")];
        File.WriteAllBytes(folder[small[2]], [.. File.ReadAllBytes(folder[small[2]]), 1]);
        UnrollOutput expanded = Run(folder, ["expand", .. small, "--out", "back"]);
        Assert.Equal((1, $"unroll: {small[2]} is damaged, or was compressed with another model.\n"), (expanded.ExitCode, expanded.Error));
        Assert.StartsWith("files", expanded.Out, StringComparison.Ordinal);
        foreach (string name in names)
            Assert.Equal(name == "2.txt" ? null : File.ReadAllText(folder[name]), File.Exists(folder[$"back/{name}"]) ? File.ReadAllText(folder[$"back/{name}"]) : null);
    }

    [Fact]
    public void What_is_there_stays_until_somebody_says_otherwise()
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", "The time traveller");
        folder.Write("text.txt.unroll", "mine");
        Refused("text.txt.unroll is there already, so it stays as it is; name another file with --out, or say --replace.", "compress", "text.txt");
        Assert.Equal("mine", File.ReadAllText(folder["text.txt.unroll"]));
        Run(folder, "compress", "text.txt", "--replace").Succeeded();
        Refused("text.txt is there already", "expand", "text.txt.unroll");
        Refused("--out names the file itself", "compress", "text.txt", "--out", "./text.txt", "--replace");
        Refused("--out names the model itself", "compress", "text.txt", "--out", trained.Path, "--replace");
        Assert.Equal("The time traveller", File.ReadAllText(folder["text.txt"]));

        void Refused(string says, params string[] words)
        {
            UnrollOutput output = Run(folder, words);
            Assert.NotEqual(0, output.ExitCode);
            Assert.Equal("", output.Out);
            Assert.Contains(says, output.Error, StringComparison.Ordinal);
            Assert.Single(output.Error.Trim().Split('\n'));
        }
    }

    [Theory]
    [InlineData(2, "The file is missing", "compress")]
    [InlineData(2, "--segments takes a whole number from 0 to 1024, not '2000'", "compress", "a", "--segments", "2000")]
    [InlineData(1, "--segments must be 1, or left out, with --adapt", "compress", "a", "--segments", "2", "--adapt")]
    [InlineData(2, "Standard input (-) goes by itself", "compress", "-", "a")]
    [InlineData(2, "--out c is no folder, and there are 2 files", "compress", "a", "b", "--out", "c")]
    [InlineData(1, "There is no file \"d\"", "compress", "d")]
    [InlineData(1, "\".\" is a folder", "compress", ".")]
    [InlineData(1, "\"a\" does not end in .unroll", "expand", "a")]
    [InlineData(1, "a is nothing that Unroll has compressed.", "expand", "a", "--out", "c")]
    [InlineData(1, "e is empty.", "expand", "e", "--out", "c")]
    [InlineData(1, "b is nothing that Unroll has compressed.", "expand", "b", "--out", "c")]
    [InlineData(2, "--json and the file's content cannot both go to standard output", "compress", "a", "--out", "-", "--json")]
    [InlineData(1, "the folder", "compress", "a", "--out", "nowhere/c")]
    public void What_makes_no_sense_is_a_sentence_and_nothing_else(int code, string says, params string[] words)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a", "some text");
        folder.Write("b", [0xC1, (byte)'U', (byte)'N', (byte)'X', 1, 2]);
        folder.Write("e", "");
        UnrollOutput output = Run(folder, words);
        Assert.Equal((code, ""), (output.ExitCode, output.Out));
        Assert.Contains(says, output.Error, StringComparison.Ordinal);
        Assert.Single(output.Error.Trim().Split('\n'));
        Assert.Equal(["a", "b", "e"], folder.Files);
    }

    [Fact]
    public void Another_model_s_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        LanguageModel other = LanguageModel.Load(trained.Path);
        other.Parameters.Values[0] += 1;
        other.Save(folder["other.safetensors"]);
        folder.Write("text.txt", Text);
        Run(folder, "compress", "text.txt").Succeeded();
        UnrollOutput output = UnrollProcess.Run(folder.Path, "expand", "text.txt.unroll", "--model", "other.safetensors", "--out", "back.txt");
        Assert.Equal(1, output.ExitCode);
        Assert.Matches("^unroll: text.txt.unroll was compressed with another model: its fingerprint begins with [0-9a-f]{16}, this one's with [0-9a-f]{16}\\.\n$", output.Error);
        Assert.False(File.Exists(folder["back.txt"]));
        Assert.Contains("The model file is missing: name it with --model.", UnrollProcess.Run(folder.Path, "expand", "text.txt.unroll").Error, StringComparison.Ordinal);
    }

    private UnrollOutput Run(TemporaryFolder folder, params string[] words) =>
        UnrollProcess.Run(folder.Path, words.Length > 1 ? [.. words, "--model", trained.Path] : [.. words]);
}
