using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Unroll.Tests.Data.Sources;

/// <summary>What a client asked for.</summary>
internal sealed record Request(string Path, string? Range);

/// <summary>An HTTP/1.1 server on this machine that answers as a test says, byte by byte: it can lie, and it can hang up.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<Request, Stream, Task> answer;
    private readonly CancellationTokenSource stopped = new();

    public LocalServer(Func<Request, Stream, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Serve();
    }

    /// <summary>All that was asked, in order.</summary>
    public ConcurrentQueue<Request> Requests { get; } = [];

    public Uri Address(string path = "/text.txt") => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{path}");

    /// <summary>Writes an answer's head.</summary>
    public static Task Head(Stream stream, string status, params string[] headers) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n")).AsTask();

    /// <summary>Answers like a good server, ranges included.</summary>
    public static async Task Send(Request request, Stream stream, byte[] content)
    {
        int from = request.Range is null ? 0 : int.Parse(request.Range["bytes=".Length..].TrimEnd('-'));
        if (from > 0)
            await Head(stream, "206 Partial Content", $"Content-Length: {content.Length - from}", $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}");
        else
            await Head(stream, "200 OK", $"Content-Length: {content.Length}");
        await stream.WriteAsync(content.AsMemory(from));
    }

    public void Dispose()
    {
        stopped.Cancel();
        listener.Stop();
    }

    private async Task Serve()
    {
        try
        {
            while (true)
                _ = Answer(await listener.AcceptTcpClientAsync(stopped.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Answer(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string path = (await reader.ReadLineAsync(stopped.Token))!.Split(' ')[1];
                string? range = null;
                for (string? line = await reader.ReadLineAsync(stopped.Token); !string.IsNullOrEmpty(line); line = await reader.ReadLineAsync(stopped.Token))
                {
                    if (line.StartsWith("Range:", StringComparison.OrdinalIgnoreCase))
                        range = line["Range:".Length..].Trim();
                }
                var request = new Request(path, range);
                Requests.Enqueue(request);
                await answer(request, stream);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The client hung up; the test says whether it should have.
            }
        }
    }
}
