using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The command on a text that is too long to be held in memory.</summary>
[Slow]
public sealed class LongTextTests(LongText text) : IClassFixture<LongText>
{
    private static readonly string[] Small = ["--hidden", "8", "--batch", "2", "--steps", "8", "--updates", "3", "--validation", "0.0001", "--memory", "0", "--output-ngrams", "0", "--plot", "none"];

    [Fact]
    public void It_is_read_once_listed_and_removed()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput first = UnrollProcess.Run(folder.Path, ["train", text.Path, .. Small, "--out", "1.safetensors"]).Succeeded();
        string file = Directory.GetFiles(Path.Combine(folder.Path, "unroll", "ids")).Single();
        Assert.Contains(file, first.Error);
        DateTime written = File.GetLastWriteTimeUtc(file);
        UnrollProcess.Run(folder.Path, ["train", text.Path, .. Small, "--out", "2.safetensors"]).Succeeded();
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.Equal(File.ReadAllBytes(folder["1.safetensors"]), File.ReadAllBytes(folder["2.safetensors"]));

        JsonElement listed = UnrollProcess.Run(folder.Path, "data", "cache", "--json").Succeeded().Json.GetProperty("caches")[0];
        Assert.Equal(("long.txt", file), (listed.GetProperty("text").GetString(), listed.GetProperty("path").GetString()));
        Assert.Contains(file, UnrollProcess.Run(folder.Path, "data", "cache").Succeeded().Out);

        using (FileStream damaged = File.OpenWrite(file))
            damaged.Write(new byte[1000]);
        Assert.Contains("(damaged)", UnrollProcess.Run(folder.Path, "data", "cache").Succeeded().Out);
        Assert.Contains("have been rebuilt", UnrollProcess.Run(folder.Path, ["train", text.Path, .. Small, "--out", "3.safetensors"]).Succeeded().Error);
        Assert.Equal(File.ReadAllBytes(folder["1.safetensors"]), File.ReadAllBytes(folder["3.safetensors"]));

        Assert.Contains("removed", UnrollProcess.Run(folder.Path, "data", "cache", "--clear").Succeeded().Error);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void A_stopped_run_goes_on_with_the_kept_ids_to_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        string[] words =
        [
            "train", text.Path, "--preset", "default", "--hidden", "8", "--batch", "2", "--steps", "8", "--schedule", "constant", "--validation", "0.0001", "--sample-every", "0", "--plot", "none",
        ];
        string[] parts = [.. words, "--out", "parts"];
        using (UnrollProcess stopped = UnrollProcess.Start(folder.Path, [.. parts, .. EndlessRun.Length, "--checkpoint-every", "0"]))
        {
            stopped.WaitFor("a save", () => File.Exists(folder["parts"]));
            stopped.Signal(UnrollProcess.Interrupt);
            Assert.Equal(130, stopped.WaitForExit());
        }
        string updates = EndlessRun.End(folder["parts"], more: 100);
        Assert.Contains("goes on", UnrollProcess.Run(folder.Path, [.. parts, "--updates", updates, "--resume"]).Succeeded().Error);
        UnrollProcess.Run(folder.Path, [.. words, "--updates", updates, "--out", "whole"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(folder["parts"]));
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "unroll", "ids")));
    }

    [Fact]
    public void A_killed_builder_leaves_nothing_that_is_used()
    {
        const string OpenEnd = "/dev/stdin"; // a text's second file, which does not end before the test says so
        Assert.SkipUnless(File.Exists(OpenEnd), $"There is no {OpenEnd}.");
        using var folder = new TemporaryFolder();
        string ids = Path.Combine(folder.Path, "unroll", "ids");
        foreach ((int signal, int code, int left) in new[] { (UnrollProcess.Interrupt, 130, 0), (UnrollProcess.Kill, 128 + UnrollProcess.Kill, 1) })
        {
            using UnrollProcess builder = UnrollProcess.Start(folder.Path, ["train", text.Path, OpenEnd, .. Small]);
            builder.WaitFor("a file of ids", () => Directory.Exists(ids) && Directory.GetFiles(ids).Length > 0);
            builder.Signal(signal);
            builder.SendUntilItEnds();
            Assert.Equal(code, builder.WaitForExit());
            Assert.Equal(left, Directory.GetFiles(ids, "*.part").Length);
            Assert.Empty(Directory.GetFiles(ids, "*.ids"));
        }
        UnrollProcess.Run(folder.Path, ["train", text.Path, .. Small]).Succeeded();
        Assert.EndsWith(".ids", Directory.GetFiles(ids).Single());
    }

    [Fact]
    public void Where_nothing_can_be_kept_is_said_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        void Check(IReadOnlyDictionary<string, string> environment, string says, string program, params string[] words)
        {
            using UnrollProcess process = UnrollProcess.Start(folder.Path, program, words, environment);
            process.Send("");
            UnrollOutput output = process.Finish();
            // A slow machine says meanwhile how far it is.
            string[] lines = [.. output.Error.TrimEnd().Split('\n').Where(line => !line.StartsWith("reading ", StringComparison.Ordinal))];
            Assert.Equal((1, 1), (output.ExitCode, lines.Length));
            Assert.Contains(says, output.Error);
            Assert.Contains("XDG_CACHE_HOME", output.Error);
        }
        string[] train = [UnrollProcess.Program, "train", text.Path, .. Small];
        Check(new Dictionary<string, string> { ["HOME"] = "", ["XDG_CACHE_HOME"] = "" }, "no folder", "dotnet", train);
        Check(new Dictionary<string, string> { ["XDG_CACHE_HOME"] = text.Path }, "cannot be kept", "dotnet", train);
        if (!OperatingSystem.IsLinux())
            return;
        // A limit on the length of files is as good as a full disk.
        string command = string.Join(' ', train.Select(word => $"'{word}'"));
        Check(
            new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" }, "cannot be kept",
            "bash", "-c", $"trap '' XFSZ; ulimit -f 20000; dotnet {command}");
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "unroll", "ids")));
    }

    [Fact]
    public void A_long_text_from_standard_input_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using UnrollProcess process = UnrollProcess.Start(
            folder.Path, "bash", ["-c", $"cat '{text.Path}' | dotnet '{UnrollProcess.Program}' train - {string.Join(' ', Small)} --out piped.safetensors"]);
        process.Send("");
        process.Finish().Succeeded();
        UnrollProcess.Run(folder.Path, ["train", text.Path, .. Small, "--out", "file.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["file.safetensors"]), File.ReadAllBytes(folder["piped.safetensors"]));
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "unroll", "ids")));
    }
}

/// <summary>A text just long enough.</summary>
public sealed class LongText : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public LongText()
    {
        Path = folder["long.txt"];
        byte[] line = Encoding.UTF8.GetBytes("The time traveller, for so it will be convenient to speak of him.\n");
        using FileStream file = File.Create(Path);
        for (int i = 0; file.Length < 66 << 20; i++)
        {
            line[i % 60] = (byte)('a' + (i % 26));
            file.Write(line);
        }
    }

    public string Path { get; }

    public void Dispose() => folder.Dispose();
}
