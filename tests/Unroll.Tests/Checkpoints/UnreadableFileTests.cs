using Xunit;

namespace Unroll.Tests.Checkpoints;

public class UnreadableFileTests
{
    [Fact]
    public void NamesThatCannotBeRead()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", [1]);
        var complaints = new Dictionary<string, string>
        {
            [""] = "is not the name of a file.",
            ["\n"] = "is not the name of a file.",
            ["a\0b"] = "is not the name of a file.",
            [folder.Path] = "is a folder, not a model file.",
            [folder["missing"]] = "does not exist.",
            [folder["missing/model"]] = "does not exist.",
            [folder["file/model"]] = "",
            [folder[new string('n', 1000)]] = "",
        };
        foreach ((string path, string complaint) in complaints)
            AssertRefused(path, complaint);
    }

    [Fact]
    public void DevicesAndPipesAreNotWaitedFor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There are no such files here.");
        using var folder = new TemporaryFolder();
        AssertRefused("/dev/null", "it is empty");
        AssertRefused("/dev/zero", "it is empty");
        using var make = System.Diagnostics.Process.Start("mkfifo", [folder["pipe"]]);
        make.WaitForExit();
        Assert.SkipUnless(make.ExitCode == 0, "This system has no mkfifo.");
        AssertRefused(folder["pipe"], "it is empty");
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);
        AssertRefused(folder["link"], "it is empty");
    }

    [Fact]
    public void LinksThatLeadNowhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links needs rights here.");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["link"], folder["missing"]);
        AssertRefused(folder["link"], "does not exist.");
        File.CreateSymbolicLink(folder["one"], folder["other"]);
        File.CreateSymbolicLink(folder["other"], folder["one"]);
        AssertRefused(folder["one"], "");
    }

    [Fact]
    public void AFileWithoutPermission()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Permissions do not bind this user.");
        using var folder = new TemporaryFolder();
        string path = folder.Write("model", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        AssertRefused(path, "cannot be read: permission is denied.");
    }

    [Fact]
    public void AFileThatAnotherProgramLocks()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model", [1]);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        AssertRefused(path, "cannot be read: ");
    }

    private static void AssertRefused(string path, string complaint)
    {
        string message = Assert.Throws<ModelFileException>(() => LanguageModel.Load(path)).Message;
        Assert.StartsWith($"\"{path}\" ", message);
        Assert.Contains(complaint, message);
        Assert.EndsWith(".", message);
    }
}
