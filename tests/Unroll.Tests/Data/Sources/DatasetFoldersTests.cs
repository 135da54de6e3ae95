using Unroll.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Sources;

public class DatasetFoldersTests
{
    [Fact]
    public void TheFoldersAreThoseOfTheEnvironment()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Paths are written otherwise here.");
        Assert.Equal(new DatasetFolders(null, "/home/me/.cache/unroll"), Folders(null, ("HOME", "/home/me")));
        Assert.Equal(new DatasetFolders(null, "/c/unroll"), Folders(null, ("HOME", "/home/me"), ("XDG_CACHE_HOME", "/c")));
        Assert.Equal(new DatasetFolders(null, "/home/me/.cache/unroll"), Folders(null, ("HOME", "/home/me"), ("XDG_CACHE_HOME", "c")));
        Assert.Equal(new DatasetFolders("/data", null), Folders(null, ("UNROLL_DATA", "/data")));
        Assert.Equal(new DatasetFolders(null, null), Folders(null));
    }

    [Fact]
    public void OnWindowsTheSystemNamesTheFolder()
    {
        string local = Path.Combine(Path.GetTempPath(), "AppData");
        var expected = new DatasetFolders(null, Path.Combine(local, "unroll"));
        Assert.Equal(expected, Folders(local));
        // Both are set where somebody works in a Unix-like shell on Windows, in that shell's notation.
        Assert.Equal(expected, Folders(local, ("HOME", "/c/Users/me"), ("XDG_CACHE_HOME", "/c/cache")));
        string own = Path.Combine(Path.GetTempPath(), "texts");
        Assert.Equal(expected with { Own = own }, Folders(local, ("UNROLL_DATA", own)));
        Assert.Equal([own, expected.Cache!], (expected with { Own = own }).Search);
    }

    private static DatasetFolders Folders(string? localData, params (string Name, string Value)[] variables) =>
        DatasetFolders.From(name => variables.FirstOrDefault(variable => variable.Name == name).Value, localData);
}
