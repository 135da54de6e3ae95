using Unroll.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Sources;

public class TextFilesTests
{
    [Fact]
    public void AFolderGivesItsTextFilesSortedByPath()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.txt", "2");
        folder.Write("a/z.md", "1");
        folder.Write("c/d/e/f.TXT", "4");
        folder.Write("b/a.txt", "3"); // "b.txt" < "b/a.txt": '.' stands before '/'
        folder.Write("a.csv", "x");
        folder.Write("atxt", "x");
        folder.Write("e.txt.bak", "x");
        folder.Write(".hidden.txt", "x");
        folder.Write(".git/h.txt", "x");
        folder.Write("Z.txt", "0"); // ordinal: capitals first
        Assert.Equal("01234", Texts.ReadAll(TextSource.FromPaths([folder.Path])));
    }

    [Fact]
    public void TheOrderIsTheSameOnEverySystem()
    {
        string[] sorted = ["Z.txt", "a/z.md", "b.txt", "b/a.txt", "b/a/c.txt", "c/d.txt"];
        string[] onWindows = [.. sorted.Select(path => path.Replace('/', '\\'))];
        Assert.Equal(onWindows, onWindows.Reverse().OrderBy(path => TextFiles.SortKey(path, '\\'), StringComparer.Ordinal));
        Assert.Equal(sorted, sorted.Reverse().OrderBy(path => TextFiles.SortKey(path, '/'), StringComparer.Ordinal));
        // Elsewhere than on Windows a backslash may be a part of a name.
        Assert.NotEqual(TextFiles.SortKey("a/b.txt", '/'), TextFiles.SortKey("a\\b.txt", '/'));
    }

    [Fact]
    public void FilesAndFoldersFollowOneAnotherAsGiven()
    {
        using var folder = new TemporaryFolder();
        string b = folder.Write("b.log", "b");
        string a = folder.Write("a.txt", "a\r");
        folder.Write("sub/c.md", "\nc");
        TextSource source = TextSource.FromPaths([b, a, Path.Combine(folder.Path, "sub") + Path.DirectorySeparatorChar, a]);
        Assert.Equal("ba\r\nca\r", Texts.ReadAll(source)); // a CRLF is one only within a file
        Assert.Equal("b.log and 3 more", source.Name);
        Assert.Equal("sub", TextSource.FromPaths([Path.Combine(folder.Path, "sub") + Path.DirectorySeparatorChar]).Name);
    }

    [Fact]
    public void LinksToFoldersDoNotLeadInCircles()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sub/a.txt", "a");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "sub", "again"), folder.Path);
        string target = folder.Write("elsewhere.dat", "b");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "sub", "b.txt"), target);
        Assert.Equal("ab", Texts.ReadAll(TextSource.FromPaths([folder.Path])));
    }

    [Fact]
    public void NothingToReadIsASentence()
    {
        using var folder = new TemporaryFolder();
        string missing = Path.Combine(folder.Path, "missing.txt");
        Assert.Contains(missing, Assert.Throws<UnrollException>(() => TextSource.FromPaths([missing])).Message);
        Assert.Contains("no .txt or .md file", Assert.Throws<UnrollException>(() => TextSource.FromPaths([folder.Path])).Message);
        Assert.Throws<UnrollException>(() => TextSource.FromPaths([""]));
        Assert.Throws<UnrollException>(() => TextSource.FromPaths([]));
    }

    [Fact]
    public void AFileThatGoesAwayIsASentence()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.txt", "a");
        TextSource source = TextSource.FromPaths([path]);
        File.Delete(path);
        Assert.Contains("a.txt", Assert.Throws<UnrollException>(() => Texts.ReadAll(source)).Message);
    }

    [Fact]
    public void AFileWithoutPermissionIsASentence()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.txt", "a");
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Assert.Skip("This user may read every file.");
        else
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Contains("permission", Assert.Throws<UnrollException>(() => Texts.ReadAll(TextSource.FromPaths([path]))).Message);
    }

    [Fact]
    public void AFilesOffsetIsItsOwn()
    {
        using var folder = new TemporaryFolder();
        string good = folder.Write("a.txt", "good");
        string bad = folder.Write("b.txt", [0x61, 0xFF]);
        string message = Assert.Throws<UnrollException>(() => Texts.ReadAll(TextSource.FromPaths([good, bad]))).Message;
        Assert.StartsWith(bad, message);
        Assert.Contains("offset 1 ", message);
    }
}
