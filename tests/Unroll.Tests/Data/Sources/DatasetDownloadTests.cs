using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Unroll.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Sources;

/// <summary>Downloads from a server on this machine, which can lie and hang up.</summary>
public sealed class DatasetDownloadTests : IDisposable
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(n => $"line {n}\n")));
    private static readonly Dataset Lines = new(
        "lines", new Uri("http://lines.invalid/lines.txt"), Convert.ToHexStringLower(SHA256.HashData(Content)), Content.Length, "Lines.");

    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<ReadingProgress> reports = [];

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
        Assert.Equal(new ReadingProgress(0, Content.Length), reports.First());
        Assert.Equal(new ReadingProgress(Content.Length, Content.Length), reports.Last());
        Assert.Equal(reports.Select(report => report.Bytes).Order(), reports.Select(report => report.Bytes));
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
        Assert.All(reports, report => Assert.InRange(report.Bytes, 0, Content.Length));
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
        AssertByHand(server, "connection was lost after 20000 of 538890 bytes");
        Assert.Equal(Content[..20_000], File.ReadAllBytes(Part));
        Get(server);
        Assert.Equal([null, "bytes=20000-"], server.Requests.Select(request => request.Range));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public void ABrokenOffDownloadIsTakenUpWhereItStopped()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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
        var stopAfterSome = new Immediate<ReadingProgress>(report =>
        {
            if (report.Bytes == 20_000)
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
    public async Task OfTwoDownloadsAtOnceTheSecondWaits()
    {
        using var begun = new ManualResetEventSlim();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = new LocalServer(async (_, stream) =>
        {
            await LocalServer.Head(stream, "200 OK", $"Content-Length: {Content.Length}");
            await stream.WriteAsync(Content.AsMemory(0, 20_000));
            await goOn.Task;
            await stream.WriteAsync(Content.AsMemory(20_000));
        });
        Task<string> first = GetAsync(server, report => SetAt(20_000, report, begun));
        begun.Wait(TestContext.Current.CancellationToken);
        Task<string>[] others = [.. Enumerable.Range(0, 4).Select(_ => GetAsync(server))];
        goOn.SetResult();
        Assert.All(await Task.WhenAll([first, .. others]), path => Assert.Equal(Target, path));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(Cache));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task WhatTheFirstOfTwoLeavesBehindTheSecondResumes()
    {
        using var begun = new ManualResetEventSlim();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = new LocalServer(async (request, stream) =>
        {
            if (request.Range is not null)
            {
                await LocalServer.Send(request, stream, Content);
                return;
            }
            await LocalServer.Head(stream, "200 OK", $"Content-Length: {Content.Length}");
            await stream.WriteAsync(Content.AsMemory(0, 20_000));
            await goOn.Task; // and hangs up
        });
        Task<string> first = GetAsync(server, report => SetAt(20_000, report, begun));
        begun.Wait(TestContext.Current.CancellationToken);
        Task<string> second = GetAsync(server);
        goOn.SetResult();
        Assert.Contains("lost", (await Assert.ThrowsAsync<UnrollException>(() => first)).Message);
        Assert.Equal(Target, await second);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal([null, "bytes=20000-"], server.Requests.Select(request => request.Range));
    }

    [Fact]
    public async Task ADownloadThatWaitsForAnotherCanBeStopped()
    {
        Directory.CreateDirectory(Cache);
        using var another = new FileStream(Part, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var stop = new CancellationTokenSource();
        Task<string> waiting = Lines.GetAsync(new DatasetFolders(null, Cache), Nobody(), null, stop.Token);
        Assert.False(waiting.IsCompleted);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void ProgressIsToldOnTheCallingThread()
    {
        using var server = new LocalServer((request, stream) => LocalServer.Send(request, stream, Content));
        var threads = new ConcurrentQueue<int>();
        Lines.Get(new DatasetFolders(null, Cache), server.Address(), new Immediate<ReadingProgress>(_ => threads.Enqueue(Environment.CurrentManagedThreadId)), default);
        Assert.NotEmpty(threads);
        Assert.All(threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));
    }

    [Fact]
    public void ProgressThatThrowsEndsTheDownload()
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = new LocalServer(async (request, stream) =>
        {
            await LocalServer.Head(stream, "200 OK", $"Content-Length: {Content.Length}");
            await stream.WriteAsync(Content.AsMemory(0, 20_000));
            await never.Task;
        });
        Assert.Throws<InvalidTimeZoneException>(() => Lines.Get(
            new DatasetFolders(null, Cache), server.Address(), new Immediate<ReadingProgress>(_ => throw new InvalidTimeZoneException()), default));
        using (File.Open(Part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            // Nobody has it open any more.
        }
        never.SetResult();
    }

    internal static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    private string Get(LocalServer server) =>
        Lines.Get(new DatasetFolders(null, Cache), server.Address(), new Immediate<ReadingProgress>(reports.Enqueue), default);

    private Task<string> GetAsync(LocalServer server, Action<ReadingProgress>? report = null) =>
        Lines.GetAsync(new DatasetFolders(null, Cache), server.Address(), report is null ? null : new Immediate<ReadingProgress>(report), default);

    private static void SetAt(long bytes, ReadingProgress report, ManualResetEventSlim set)
    {
        if (report.Bytes == bytes)
            set.Set();
    }

    private void AssertByHand(LocalServer server, string reason) => AssertByHand(server.Address(), reason);

    /// <summary>One sentence: why, and where to put the file.</summary>
    private void AssertByHand(Uri address, string reason)
    {
        var exception = Assert.Throws<UnrollException>(() =>
            Lines.Get(new DatasetFolders(null, Cache), address, new Immediate<ReadingProgress>(reports.Enqueue), default));
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
