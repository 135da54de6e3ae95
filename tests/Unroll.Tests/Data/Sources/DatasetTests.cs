using System.Security.Cryptography;
using System.Text;
using Unroll.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Sources;

/// <summary>The named texts, where they are on this machine already.</summary>
public class DatasetTests
{
    [Fact]
    public void TheNamedOnes()
    {
        Assert.Equal(["timemachine", "tiny-shakespeare"], Dataset.All.Select(dataset => dataset.Name));
        Assert.Same(Dataset.All[1], Dataset.Find("Tiny-Shakespeare"));
        Assert.Null(Dataset.Find("war-and-peace"));
        Assert.All(Dataset.All, dataset => Assert.Equal("https", dataset.Address.Scheme));
    }

    [Theory]
    [InlineData("timemachine")]
    [InlineData("tiny-shakespeare")]
    public void ThePublishedFilesMatch(string name)
    {
        string path = RealTexts.Path(name + ".txt");
        Dataset dataset = Dataset.Find(name)!;
        Assert.Equal(path, dataset.Get(new DatasetFolders(Path.GetDirectoryName(path), null), DatasetDownloadTests.Nobody(), null, default));
        Assert.Equal(new FileInfo(path).Length, dataset.Bytes);
    }

    [Fact]
    public async Task AFilePutByHandIsFoundAndChecked()
    {
        using var folder = new TemporaryFolder();
        byte[] content = Encoding.UTF8.GetBytes("line 1\nline 2\n");
        var lines = new Dataset("lines", new Uri("https://lines.invalid/lines.txt"), Convert.ToHexStringLower(SHA256.HashData(content)), content.Length, "Lines.");
        Uri nobody = DatasetDownloadTests.Nobody();
        string own = Path.Combine(folder.Path, "own");
        var folders = new DatasetFolders(own, Path.Combine(folder.Path, "cache", "unroll"));
        Assert.Null(lines.PathIfPresent(folders));
        string inCache = folder.Write("cache/unroll/lines.txt", content);
        Assert.Equal(inCache, lines.Get(folders, nobody, null, default));
        string mine = folder.Write("own/lines.txt", content);
        Assert.Equal(mine, lines.PathIfPresent(folders)); // UNROLL_DATA comes first
        Assert.Equal(mine, lines.Get(folders, nobody, null, default));
        Assert.Equal(mine, await lines.GetAsync(folders, nobody, null, default));
        File.WriteAllBytes(mine, content[1..]);
        string message = Assert.Throws<UnrollException>(() => lines.Get(folders, nobody, null, default)).Message;
        Assert.StartsWith($"{mine} is not the published lines", message);
        Assert.True(File.Exists(mine)); // it is the person's
    }
}
