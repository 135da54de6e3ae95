using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>What a person has is never written over, renamed or added to by a run that did not make it.</summary>
public class RunFilesTests
{
    private const string ForeignPicture = "<svg xmlns=\"http://www.w3.org/2000/svg\"><!-- my logo --></svg>\n";
    private static readonly string[] Small = ["--hidden", "8", "--batch", "4", "--steps", "8", "--threads", "1"];
    private static readonly string[] Short = [.. Small, "--epochs", "1"];

    [Theory]
    [InlineData("--plot book.txt", 2, "--plot names the text itself, book.txt; name another file.")]
    [InlineData("--plot folder/../book.txt", 2, "--plot names the text itself")]
    [InlineData("--plot link.txt", 2, "--plot names the text itself")]
    [InlineData("--plot linked/book.txt", 2, "--plot names the text itself")]
    [InlineData("--log book.txt", 2, "--log names the text itself")]
    [InlineData("--out book.txt", 2, "--out names the text itself")]
    [InlineData("--validation other.txt --log other.txt", 2, "--log names the text itself")]
    [InlineData("--plot other.txt", 1, "other.txt is there already and is not a plot that Unroll drew, so it stays as it is; name another file with --plot, or --plot none.")]
    [InlineData("--plot logo.svg", 1, "logo.svg is there already and is not a plot")]
    [InlineData("--out logo.safetensors", 1, "logo.svg is there already and is not a plot")]
    [InlineData("--out other.txt", 1, "other.txt is there already and is not a model")]
    [InlineData("--log other.txt", 1, "other.txt is there already and is not a log that Unroll wrote, so nothing is added to it; name another file with --log.")]
    [InlineData("--log foreign.jsonl", 1, "foreign.jsonl is there already and is not a log")]
    [InlineData("--out m --plot ./m", 2, "--out and --plot name the same file, ./m; give each one of its own.")]
    [InlineData("--out m.svg", 2, "--out and --plot name the same file")]
    [InlineData("--log model.svg", 2, "--plot and --log name the same file")]
    [InlineData("--out linked/m --log m", 2, "--out and --log name the same file")]
    [InlineData("--plot folder", 1, "--plot: \"folder\" cannot be written: it is a folder")]
    [InlineData("--log folder", 1, "--log: \"folder\" cannot be written: it is a folder")]
    [InlineData("--out nowhere/m", 1, "--out: \"nowhere/m\" cannot be written: the folder ")]
    [InlineData("--log nowhere/l", 1, "--log: \"nowhere/l\" cannot be written: the folder ")]
    [InlineData("--out protected", 1, "--out: \"protected\" cannot be written: it is write-protected")]
    [InlineData("--log ours.jsonl", 1, "--log: nothing can be added to \"ours.jsonl\": it is write-protected")]
    [InlineData("--out pipe", 1, "--out: \"pipe\" cannot be written: it is a pipe")]
    [InlineData("--plot pipe", 1, "--plot: \"pipe\" cannot be written: it is a pipe")]
    [InlineData("--plot /dev/null", 1, "--plot: \"/dev/null\" cannot be written: it is a device")]
    public void Nothing_of_a_person_s_is_touched(string words, int code, string says)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links and pipes are made as Unix makes them.");
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        folder.Write("other.txt", Book);
        folder.Write("logo.svg", Encoding.UTF8.GetBytes(ForeignPicture));
        folder.Write("foreign.jsonl", "{\"model\":{\"name\":\"theirs\"}}\n"u8.ToArray());
        folder.Write("protected", []);
        File.SetAttributes(folder["protected"], FileAttributes.ReadOnly);
        folder.Write("ours.jsonl", "{\"model\":{\"cell\":\"lstm\"},\"training\":{},\"fingerprint\":\"0\"}\n"u8.ToArray());
        File.SetAttributes(folder["ours.jsonl"], FileAttributes.ReadOnly);
        Directory.CreateDirectory(folder["folder"]);
        File.CreateSymbolicLink(folder["link.txt"], "book.txt");
        Directory.CreateSymbolicLink(folder["linked"], ".");
        Process.Start("mkfifo", [folder["pipe"]]).WaitForExit();
        string before = Everything(folder);

        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, .. words.Split(' ')]);

        Assert.Equal(code, output.ExitCode);
        Assert.StartsWith("unroll: ", output.Error);
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Empty(output.Out);
        Assert.Equal(before, Everything(folder));
    }

    [Theory]
    [InlineData("train book.txt --steps 5000")]
    [InlineData("train book.txt --cell gru --reset-gate after --biases one")]
    [InlineData("train book.txt nothing.txt")]
    [InlineData("train book.txt --validation nothing.txt")]
    public void A_run_that_fails_before_its_first_update_leaves_every_file_as_it_was(string words)
    {
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        string[] files = ["--out", "keep.safetensors", "--log", "run.jsonl"];
        UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, .. files]).Succeeded();
        string before = Everything(folder);

        UnrollOutput output = UnrollProcess.Run(folder.Path, [.. words.Split(' '), .. files]);

        Assert.NotEqual(0, output.ExitCode);
        Assert.Equal(before, Everything(folder));
    }

    [Theory]
    [InlineData("150kB", 150_000)]
    [InlineData("0.2MB", 200_000)]
    public void A_model_keeps_within_its_limit(string limit, long bytes)
    {
        using var folder = new TemporaryFolder();
        folder.Write("lines.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 12_000).Select(i => $"line {i * i % 9973} of some\n"))));
        string[] train = ["train", "lines.txt", "--hidden", "8", "--updates", "2", "--threads", "1"];
        UnrollProcess.Run(folder.Path, train).Succeeded();
        Assert.InRange(new FileInfo(folder["model.safetensors"]).Length, 250_000, long.MaxValue);
        UnrollProcess.Run(folder.Path, [.. train, "--out", "small.safetensors", "--file-limit", limit]).Succeeded();
        Assert.InRange(new FileInfo(folder["small.safetensors"]).Length, bytes / 2, bytes);
    }

    [Theory]
    [InlineData("1kB", "has no room for its networks")]
    [InlineData("much", "--file-limit takes a size such as 500kB, 20MB or 1.5GB, not 'much'.")]
    public void A_limit_that_cannot_be_kept_is_said(string limit, string complaint)
    {
        using var folder = new TemporaryFolder();
        folder.Write("lines.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("line of some\n", 500))));
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "lines.txt", "--hidden", "8", "--updates", "2", "--file-limit", limit);
        Assert.NotEqual(0, output.ExitCode);
        Assert.Contains(complaint, output.Error);
    }

    [Fact]
    public void What_Unroll_made_is_replaced_or_kept_under_another_name_and_stays_as_private_as_it_was()
    {
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        string[] run = ["train", "book.txt", .. Short, "--log", "run.jsonl"];
        UnrollProcess.Run(folder.Path, run).Succeeded();
        string[] ours = ["model.safetensors", "model.svg", "run.jsonl"];
        foreach (string file in ours)
            SetPrivate(folder[file]);
        UnrollProcess.Run(folder.Path, run).Succeeded();
        Assert.Equal([.. ours, "book.txt"], folder.Files.OrderBy(name => name == "book.txt"));
        UnrollProcess.Run(folder.Path, [.. run, "--seed", "2"]).Succeeded();
        string[] all = ["model.1.safetensors", "model.1.svg", .. ours];
        Assert.Equal([.. all, "book.txt"], folder.Files.OrderBy(name => name == "book.txt"));
        Assert.All(all, file => Assert.True(IsPrivate(folder[file]), file));
    }

    [Fact]
    public void A_checkpoint_is_as_private_as_the_file_it_replaces()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        folder.Write("model.safetensors", []);
        SetPrivate(folder["model.safetensors"]);
        using UnrollProcess process = UnrollProcess.Start(
            folder.Path, ["train", "book.txt", .. Small, "--epochs", "1000000", "--checkpoint-every", "0", "--sample-every", "1", "--plot", "none"]);
        process.WaitForError("epoch 1 of");
        Assert.True(new FileInfo(folder["model.safetensors"]).Length > 0);
        Assert.True(IsPrivate(folder["model.safetensors"]));
        process.Signal(UnrollProcess.Kill);
        process.WaitForExit();
    }

    [Fact]
    public void Links_are_followed_to_where_they_point_and_empty_files_are_nobody_s()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are made as Unix makes them.");
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        folder.Write("empty", []);
        Directory.CreateDirectory(folder["far"]);
        File.CreateSymbolicLink(folder["plot"], "far/plot");
        File.CreateSymbolicLink(folder["log"], "far/log");
        UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, "--out", "empty", "--plot", "plot", "--log", "log"]).Succeeded();
        Assert.Equal("far/plot", new FileInfo(folder["plot"]).LinkTarget);
        Assert.Contains("<svg", File.ReadAllText(folder["far/plot"]));
        Assert.Equal(4, File.ReadAllLines(folder["far/log"]).Length); // the options, a measurement, the end, a sample
        Assert.True(new FileInfo(folder["empty"]).Length > 0);

        // An earlier model steps aside where it is; the link leads to the new one.
        File.CreateSymbolicLink(folder["model"], "far/model");
        UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, "--out", "model", "--plot", "none"]).Succeeded();
        byte[] first = File.ReadAllBytes(folder["far/model"]);
        UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, "--out", "model", "--plot", "none", "--seed", "2"]).Succeeded();
        Assert.Equal("far/model", new FileInfo(folder["model"]).LinkTarget);
        Assert.Equal(first, File.ReadAllBytes(folder["far/model.1"]));
        Assert.NotEqual(first, File.ReadAllBytes(folder["far/model"]));
    }

    [Fact]
    public void A_log_may_be_a_device()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other devices.");
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, "--log", "/dev/stderr"]).Succeeded();
        Assert.Contains("{\"model\":{", output.Error);
        Assert.Contains("{\"epoch\":1,", output.Error);
    }

    [Fact]
    public void A_full_disk_ends_the_log_and_not_the_run()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device here that is always full.");
        using var folder = new TemporaryFolder();
        folder.Write("book.txt", Book);
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["train", "book.txt", .. Short, "--log", "/dev/full"]).Succeeded();
        Assert.Single(output.Error.Split('\n'), line => line.StartsWith("unroll: warning: ", StringComparison.Ordinal));
        Assert.True(File.Exists(folder["model.safetensors"]));
    }

    private static byte[] Book => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("The only copy of my book. ", 40)));

    private static void SetPrivate(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static bool IsPrivate(string path) =>
        OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite);

    // Names, links and contents; a pipe's content is nobody's business.
    private static string Everything(TemporaryFolder folder) => string.Join('\n', Directory.EnumerateFileSystemEntries(folder.Path).Order(StringComparer.Ordinal)
        .Select(path => new FileInfo(path) is { LinkTarget: null, Exists: true, Length: > 0 } file
            ? $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName)))}" : path));
}
