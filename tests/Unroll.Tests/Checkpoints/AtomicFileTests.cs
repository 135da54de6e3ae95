using System.Diagnostics;
using Unroll.Files;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>A write that fails, is killed or meets another leaves a whole file: the old one or the new one.</summary>
public class AtomicFileTests
{
    private const string Name = "model.safetensors";
    private const string FileOfTheKilled = "UNROLL_TEST_FILE_OF_THE_KILLED";

    [Fact]
    public void ANewFileReplacesTheOldOne()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "something much longer than what comes"u8.ToArray());

        AtomicFile.Write(folder[Name], stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(folder[Name]));
        Assert.Equal([Name], folder.Files);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void AFailureOnTheWayLeavesTheOldFileAndNothingElse(int written)
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());

        string message = Assert.Throws<UnrollException>(() => AtomicFile.Write(folder[Name], stream =>
        {
            stream.Write(new byte[written]);
            throw new IOException("No space left on device", 28);
        })).Message;

        Assert.Equal($"\"{folder[Name]}\" cannot be written: the disk is full.", message);
        Assert.Equal("old", File.ReadAllText(folder[Name]));
        Assert.Equal([Name], folder.Files);
    }

    [Fact]
    public void AnyOtherExceptionPassesAndLeavesTheOldFileToo()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder[Name], stream => throw new InvalidOperationException()));

        Assert.Equal("old", File.ReadAllText(folder[Name]));
        Assert.Equal([Name], folder.Files);
    }

    [Fact]
    public void WhatAKilledWriterLeftIsRemovedAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());
        folder.Write($"{Name}.0123abcx.tmp", "ne"u8.ToArray());
        string[] others = [$"{Name}.0123abcx.tmp~", $"{Name}.notes789.tmp", $"{Name}.tmp", $"other.{Name}.0123abcx.tmp", "other.0123abcx.tmp"];
        foreach (string other in others)
            folder.Write(other, []);

        AtomicFile.Write(folder[Name], stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(folder[Name]));
        Assert.Equal(others.Append(Name).Order(StringComparer.Ordinal), folder.Files);
    }

    [Fact]
    public void WhatALivingWriterIsAtIsLeftAlone()
    {
        using var folder = new TemporaryFolder();

        AtomicFile.Write(folder[Name], slow =>
        {
            slow.Write("slow"u8);
            AtomicFile.Write(folder[Name], fast => fast.Write("fast"u8));
            Assert.Equal("fast", File.ReadAllText(folder[Name]));
        });

        Assert.Equal("slow", File.ReadAllText(folder[Name]));
        Assert.Equal([Name], folder.Files);
    }

    [Fact]
    public void ManyWritersOfOneFile()
    {
        using var folder = new TemporaryFolder();
        byte[][] contents = [.. Enumerable.Range(0, 4).Select(writer => Enumerable.Repeat((byte)writer, 1000 * (writer + 1)).ToArray())];

        Parallel.ForEach(contents, new() { MaxDegreeOfParallelism = 4 }, content =>
        {
            for (int i = 0; i < 10; i++)
                AtomicFile.Write(folder[Name], stream => stream.Write(content));
        });

        Assert.Contains(File.ReadAllBytes(folder[Name]), contents);
        Assert.Equal([Name], folder.Files);
    }

    [Fact]
    public async Task AReaderMeetsWholeFilesWhileAWriterReplacesThem()
    {
        using var folder = new TemporaryFolder();
        Checkpoint[] checkpoints = [TestModels.CreateCheckpoint(), new(TestModels.Create(new ModelOptions { HiddenSize = 20, Layers = 2 }))];
        Checkpoint.Write(folder[Name], checkpoints[0]);
        using var written = new CancellationTokenSource();

        Task reader = Task.Run(() =>
        {
            while (!written.IsCancellationRequested)
                Checkpoint.Read(folder[Name]);
        });
        for (int i = 1; i <= 40; i++)
            Checkpoint.Write(folder[Name], checkpoints[i % 2]);
        written.Cancel();

        await reader;
    }

    [Fact]
    public void ALinkIsFollowed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["far"]);
        try
        {
            File.CreateSymbolicLink(folder[Name], Path.Combine("far", "real"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("This system lets nobody, or not this user, make symbolic links.");
        }

        AtomicFile.Write(folder[Name], stream => stream.Write("once"u8));
        AtomicFile.Write(folder[Name], stream => stream.Write("twice"u8));

        Assert.NotNull(new FileInfo(folder[Name]).LinkTarget);
        Assert.Equal("twice", File.ReadAllText(folder["far/real"]));
    }

    [Theory]
    [InlineData("600")]
    [InlineData("640")]
    [InlineData("666")]
    public void WhoMayReadTheOldFileMayReadTheNewOneAndNobodyElse(string octal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        var mode = (UnixFileMode)Convert.ToInt32(octal, 8);
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());
        SetMode(folder[Name], mode);

        AtomicFile.Write(folder[Name], stream =>
        {
            Assert.All(folder.Files, file => Assert.Equal(mode, ModeOf(folder[file])));
            stream.Write("new"u8);
        });

        Assert.Equal("new", File.ReadAllText(folder[Name]));
        Assert.Equal(mode, ModeOf(folder[Name]));
    }

    [Fact]
    public void ACheckOfWhatCanBeWrittenLeavesNoTrace()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());

        AtomicFile.Check(folder[Name]);
        AtomicFile.Check(folder["new"]);
        Assert.Contains("does not exist", Assert.Throws<UnrollException>(() => AtomicFile.Check(folder["missing/model"])).Message);

        Assert.Equal("old", File.ReadAllText(folder[Name]));
        Assert.Equal([Name], folder.Files);
    }

    [Fact]
    public void NamesThatCannotBeWritten()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", []);
        folder.Write("protected", "old"u8.ToArray());
        File.SetAttributes(folder["protected"], FileAttributes.ReadOnly);
        var complaints = new Dictionary<string, string>
        {
            [""] = "this is not the name of a file",
            [" "] = "this is not the name of a file",
            ["a\0b"] = "this is not the name of a file",
            [folder.Path] = "it is a folder; give the name of a file",
            [folder["missing/model"]] = $"the folder \"{folder["missing"]}\" does not exist",
            [folder["file/model"]] = $"the folder \"{folder["file"]}\" does not exist",
            [folder["protected"]] = "it is write-protected",
        };
        if (!OperatingSystem.IsWindows())
        {
            complaints["/dev/null"] = "it is a device; give the name of a file";
            complaints[folder[new string('n', 1000)]] = "too long";
        }

        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 1 });
        foreach ((string path, string complaint) in complaints)
        {
            string message = Assert.Throws<UnrollException>(() => model.Save(path)).Message;
            Assert.StartsWith($"\"{path}\" cannot be written: ", message);
            Assert.Contains(complaint, message);
            Assert.EndsWith(".", message);
        }
        Assert.Equal("old", File.ReadAllText(folder["protected"]));
        Assert.Equal(["file", "protected"], folder.Files);
        File.SetAttributes(folder["protected"], FileAttributes.Normal);
    }

    [Fact]
    public void AFolderWithoutPermission()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Permissions do not bind this user.");
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());
        SetMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            string message = Assert.Throws<UnrollException>(() => AtomicFile.Write(folder[Name], stream => stream.Write("new"u8))).Message;
            Assert.Contains("permission to write in this folder is denied", message);
            Assert.Equal("old", File.ReadAllText(folder[Name]));
        }
        finally
        {
            SetMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void AWeightThatIsNotANumberIsNotWritten()
    {
        using var folder = new TemporaryFolder();
        folder.Write(Name, "old"u8.ToArray());
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 5 });
        model.Parameters["rnn.weight_hh_l0"][^1] = float.NaN;

        string message = Assert.Throws<UnrollException>(() => model.Save(folder[Name])).Message;

        Assert.Contains("the tensor \"rnn.weight_hh_l0\" holds NaN or infinity", message);
        Assert.Equal("old", File.ReadAllText(folder[Name]));
    }

    [Fact]
    public void WhatCannotBeReadIsNotWritten()
    {
        using var folder = new TemporaryFolder();
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 1 });
        Checkpoint[] bad =
        [
            new(TestModels.Create(new ModelOptions { HiddenSize = 1 }, ["<unk>", "\ud800"])),
            new(model, new TrainingSummary { TrainingLoss = double.NaN }),
            new(model, new TrainingSummary { ValidationLoss = double.PositiveInfinity }),
            new(model, Training: new("not JSON", new Dictionary<string, float[]>())),
            new(model, Training: new("{}", new Dictionary<string, float[]> { ["moment"] = [float.PositiveInfinity] })),
        ];
        foreach (Checkpoint checkpoint in bad)
        {
            string message = Assert.Throws<UnrollException>(() => Checkpoint.Write(folder[Name], checkpoint)).Message;
            Assert.StartsWith($"\"{folder[Name]}\" was not written", message);
        }
        Assert.Empty(folder.Files);
    }

    [Fact]
    [Slow]
    public async Task AKilledWriterLeavesAWholeFile()
    {
        using var folder = new TemporaryFolder();
        byte[][] whole = [.. ToBeKilled().Select(TestModels.Bytes)];
        folder.Write(Name, whole[0]);
        ProcessStartInfo start = TestProgram.WithExplicitTest(typeof(AtomicFileTests), nameof(WritesUntilKilled));
        start.Environment[FileOfTheKilled] = folder[Name];
        // What else the killed leave behind goes with the folder.
        foreach (string variable in (string[])["TMPDIR", "TEMP", "TMP"])
            start.Environment[variable] = folder["temporary"];
        Directory.CreateDirectory(folder["temporary"]);
        for (int kill = 0; kill < 3; kill++)
        {
            using Process writer = Process.Start(start)!;
            // The writer says that it writes with a file beside the one it writes.
            while (!File.Exists(folder["writing"]) && !writer.HasExited)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Task.Delay(17 * kill, TestContext.Current.CancellationToken);
            writer.Kill();
            string output = await writer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(File.Exists(folder["writing"]), output);
            File.Delete(folder["writing"]);

            Assert.Contains(File.ReadAllBytes(folder[Name]), whole);
            Assert.Equal(5, Checkpoint.Read(folder[Name]).Model.Options.Layers);
        }

        Checkpoint.Write(folder[Name], ToBeKilled()[0]);
        Assert.Equal([Name], folder.Files);
    }

    /// <summary>No test, but the program that <see cref="AKilledWriterLeavesAWholeFile"/> starts and kills.</summary>
    [Fact(Explicit = true)]
    public void WritesUntilKilled()
    {
        string? path = Environment.GetEnvironmentVariable(FileOfTheKilled);
        Assert.SkipWhen(path is null, "Only another test starts this.");
        Checkpoint[] checkpoints = ToBeKilled();
        for (int i = 1; ; i++)
        {
            Checkpoint.Write(path, checkpoints[i % 2]);
            File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "writing"), []);
        }
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? 0 : File.GetUnixFileMode(path);

    private static Checkpoint[] ToBeKilled()
    {
        var options = new ModelOptions { HiddenSize = 64, Layers = 5 };
        return [new(TestModels.Create(options, seed: 1)), new(TestModels.Create(options, seed: 2), new TrainingSummary { Epochs = 3 })];
    }
}
