using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Unroll.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data;

public sealed class DatasetTests : IDisposable
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(n => $"line {n}\n")));
    private static readonly Dataset Lines = new(
        "lines", new Uri("http://lines.invalid/lines.txt"), Convert.ToHexStringLower(SHA1.HashData(Content)), Content.Length, "Lines.");

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<(long Received, long? Total)> reports = [];

    private string Cache => Path.Combine(folder.Path, "cache", "unroll");
    private string Target => Path.Combine(Cache, "lines.txt");
    private string Part => Target + ".part";

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ADownloadIsCheckedAndMovedIntoPlace()
    {
        using var server = new LocalServer((request, stream) => LocalServer.Send(request, stream, Content));
        Assert.Equal(Target, Get(server));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
        Assert.Equal((0, Content.Length), reports.First());
        Assert.Equal((Content.Length, Content.Length), reports.Last());
        Assert.Equal(reports.Select(report => report.Received).Order(), reports.Select(report => report.Received));
        Assert.Equal(Target, Get(server));
        Assert.Single(server.Requests); // the second time it is there
    }

    [Fact]
    public void ARedirectIsFollowed()
    {
        using var server = new LocalServer(async (request, stream) =>
        {
            if (request.Path == "/moved.txt")
                await LocalServer.Send(request, stream, Content);
            else
                await LocalServer.Head(stream, "302 Found", "Location: /moved.txt", "Content-Length: 0");
        });
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, Content[..1000]);
        Get(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal([new Request("/text.txt", "bytes=1000-"), new Request("/moved.txt", "bytes=1000-")], server.Requests);
    }

    [Fact]
    public void AWrongHashLeavesNothingBehind()
    {
        byte[] wrong = [.. Content];
        wrong[12_345] ^= 1;
        using var server = new LocalServer((request, stream) => LocalServer.Send(request, stream, wrong));
        AssertByHand(server, "not the published file");
        AssertNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALoginPageIsNotADataset(bool chunked)
    {
        using var server = new LocalServer(async (_, stream) =>
        {
            await LocalServer.Head(stream, "200 OK", chunked ? "Transfer-Encoding: chunked" : "Content-Length: 5");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(chunked ? "5\r\nlogin\r\n0\r\n\r\n" : "login"));
        });
        AssertByHand(server, "not the published file");
        AssertNothingLeft();
    }

    [Fact]
    public void APageWithoutEndDoesNotFillTheDisk()
    {
        using var server = new LocalServer(async (_, stream) =>
        {
            await LocalServer.Head(stream, "200 OK");
            while (true)
                await stream.WriteAsync(new byte[10_000]);
        });
        AssertByHand(server, "not the published file");
        Assert.All(reports, report => Assert.InRange(report.Received, 0, Content.Length));
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("Content-Length: 538890")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("X-Nothing: said")]
    public void ACutConnectionIsTakenUpWhereItBroke(string header)
    {
        Assert.Equal(538_890, Content.Length);
        bool cut = true;
        using var server = new LocalServer(async (request, stream) =>
        {
            if (!cut)
            {
                await LocalServer.Send(request, stream, Content);
                return;
            }
            cut = false;
            await LocalServer.Head(stream, "200 OK", header);
            if (header.EndsWith("chunked"))
                await stream.WriteAsync("FFFF\r\n"u8.ToArray());
            await stream.WriteAsync(Content.AsMemory(0, 20_000));
        });
        AssertByHand(server, "connection was cut after 20000 of 538890 bytes");
        Assert.Equal(Content[..20_000], File.ReadAllBytes(Part));
        Get(server);
        Assert.Equal([null, "bytes=20000-"], server.Requests.Select(request => request.Range));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public void ABrokenOffDownloadIsTakenUpWhereItStopped()
    {
        var arrived = new TaskCompletionSource();
        using var server = new LocalServer(async (request, stream) =>
        {
            if (request.Range is not null)
            {
                await LocalServer.Send(request, stream, Content);
                return;
            }
            await LocalServer.Head(stream, "200 OK", $"Content-Length: {Content.Length}");
            await stream.WriteAsync(Content.AsMemory(0, 20_000));
            await arrived.Task; // and says nothing more
        });
        using var stop = new CancellationTokenSource();
        var stopAfterSome = new Immediate<(long Received, long? Total)>(report =>
        {
            if (report.Received == 20_000)
                stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Lines.Get(new DatasetFolders(null, Cache), server.Address(), stopAfterSome, stop.Token));
        arrived.SetResult();
        Assert.False(File.Exists(Target));
        Assert.Equal(20_000, new FileInfo(Part).Length);
        Get(server);
        Assert.Equal("bytes=20000-", server.Requests.Last().Range);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public void AServerWithoutRangesSendsEverythingAgain()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, Content[..1000]);
        using var server = new LocalServer((request, stream) => LocalServer.Send(request with { Range = null }, stream, Content));
        Get(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public void APartThatIsNoneIsDiscoveredAndDropped()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, new byte[1000]);
        using var server = new LocalServer((request, stream) => LocalServer.Send(request, stream, Content));
        AssertByHand(server, "not the published file");
        AssertNothingLeft();
        Get(server);
        File.Delete(Target);
        File.WriteAllBytes(Part, new byte[Content.Length + 1]);
        Get(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public void AWholePartNeedsNoServer()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, Content);
        Assert.Equal(Target, Lines.Get(new DatasetFolders(null, Cache), Nobody(), null, default));
        Assert.False(File.Exists(Part));
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("503 Service Unavailable")]
    [InlineData("416 Range Not Satisfiable")]
    public void ARefusalIsASentence(string status)
    {
        using var server = new LocalServer((_, stream) => LocalServer.Head(stream, status, "Content-Length: 0"));
        AssertByHand(server, $"the server answered {status}");
        AssertNothingLeft();
    }

    [Fact]
    public void NoNetworkIsASentence()
    {
        AssertByHand(Nobody(), "could not be downloaded");
        AssertNothingLeft();
    }

    [Fact]
    public void ACacheThatCannotBeWrittenIsASentence()
    {
        string file = folder.Write("file", "not a folder");
        var exception = Assert.Throws<UnrollException>(() => Lines.Get(new DatasetFolders(null, Path.Combine(file, "unroll")), Nobody(), null, default));
        Assert.Contains("by hand", exception.Message);
        Assert.Contains("UNROLL_DATA", Assert.Throws<UnrollException>(() => Lines.Get(new DatasetFolders(null, null), Nobody(), null, default)).Message);
    }

    [Fact]
    public void AFilePutByHandIsFoundAndChecked()
    {
        string own = Path.Combine(folder.Path, "own");
        var folders = new DatasetFolders(own, Cache);
        Assert.Null(Lines.PathIfPresent(folders));
        string inCache = folder.Write("cache/unroll/lines.txt", Content);
        Assert.Equal(inCache, Lines.Get(folders, Nobody(), null, default));
        string mine = folder.Write("own/lines.txt", Content);
        Assert.Equal(mine, Lines.PathIfPresent(folders)); // UNROLL_DATA comes first
        Assert.Equal(mine, Lines.Get(folders, Nobody(), null, default));
        File.WriteAllBytes(mine, Content[1..]);
        string message = Assert.Throws<UnrollException>(() => Lines.Get(folders, Nobody(), null, default)).Message;
        Assert.StartsWith($"{mine} is not the published lines", message);
        Assert.True(File.Exists(mine)); // it is the person's
    }

    [Fact]
    public void TheFoldersAreThoseOfTheEnvironment()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Paths are written otherwise here.");
        Assert.Equal(new DatasetFolders(null, "/home/me/.cache/unroll"), Folders(("HOME", "/home/me")));
        Assert.Equal(new DatasetFolders(null, "/c/unroll"), Folders(("HOME", "/home/me"), ("XDG_CACHE_HOME", "/c")));
        Assert.Equal(new DatasetFolders(null, "/home/me/.cache/unroll"), Folders(("HOME", "/home/me"), ("XDG_CACHE_HOME", "c")));
        Assert.Equal(new DatasetFolders("/data", null), Folders(("UNROLL_DATA", "/data")));
        Assert.Equal(new DatasetFolders(null, "/local/unroll"), DatasetFolders.From(_ => null, "/local"));
    }

    [Fact]
    public void TheNamedOnes()
    {
        Assert.Equal(["timemachine", "tiny-shakespeare"], Dataset.All.Select(dataset => dataset.Name));
        Assert.Same(Dataset.All[1], Dataset.Find("Tiny-Shakespeare"));
        Assert.Null(Dataset.Find("war-and-peace"));
    }

    [Theory]
    [InlineData("timemachine")]
    [InlineData("tiny-shakespeare")]
    public void ThePublishedFilesMatch(string name)
    {
        string path = RealTexts.Path(name + ".txt");
        Dataset dataset = Dataset.Find(name)!;
        Assert.Equal(path, dataset.Get(new DatasetFolders(Path.GetDirectoryName(path), null), Nobody(), null, default));
        Assert.Equal(new FileInfo(path).Length, dataset.Bytes);
    }

    private static DatasetFolders Folders(params (string Name, string Value)[] variables) =>
        DatasetFolders.From(name => variables.FirstOrDefault(variable => variable.Name == name).Value, null);

    private static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    private string Get(LocalServer server) =>
        Lines.Get(new DatasetFolders(null, Cache), server.Address(), new Immediate<(long Received, long? Total)>(reports.Enqueue), default);

    private void AssertByHand(LocalServer server, string reason) => AssertByHand(server.Address(), reason);

    /// <summary>One sentence: why, and where to put the file.</summary>
    private void AssertByHand(Uri address, string reason)
    {
        var exception = Assert.Throws<UnrollException>(() =>
            Lines.Get(new DatasetFolders(null, Cache), address, new Immediate<(long Received, long? Total)>(reports.Enqueue), default));
        Assert.Contains(reason, exception.Message);
        Assert.EndsWith($"put the file from {address} at {Target} by hand.", exception.Message);
        Assert.DoesNotContain(". ", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    private void AssertNothingLeft() => Assert.Empty(Directory.GetFiles(Cache));

    /// <summary>Progress on the thread that makes it.</summary>
    private sealed class Immediate<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
