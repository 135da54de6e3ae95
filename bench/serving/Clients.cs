using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Unroll.Web;

namespace Unroll.Serving;

/// <summary>A server on this machine, and clients that read streams from it as fast as they come, in the same process: both share its cores.</summary>
internal sealed class Clients : IAsyncDisposable
{
    private readonly string folder;
    private readonly WebServer server;
    private readonly HttpClient http;
    private readonly CancellationTokenSource stop = new();
    private Task[] reading = [];

    private Clients(string folder, WebServer server)
    {
        (this.folder, this.server) = (folder, server);
        http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Tokens that the server has produced.</summary>
    public long TokensProduced => server.Shelf.All[0].Generator.Figures.TokensProduced;

    /// <summary>Starts a server.</summary>
    public static async Task<Clients> StartAsync(LanguageModel model)
    {
        string folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;
        string path = Path.Combine(folder, "model.safetensors");
        model.Save(path);
        var options = new ServeOptions { Port = 0, Slots = 72, MaxTokens = int.MaxValue };
        return new Clients(folder, await WebServer.StartAsync(options, [new ServedModelFile(path)]));
    }

    /// <summary>Lets so many clients read streams that go on until <see cref="RestAsync"/>.</summary>
    public void Read(int count, double temperature) =>
        reading = [.. Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            try
            {
                await foreach (double _ in EventsAsync((ulong)i, 20, int.MaxValue, temperature, stop.Token))
                {
                }
            }
            catch (OperationCanceledException)
            {
                // Told to.
            }
        }))];

    /// <summary>Ends all streams.</summary>
    public async Task RestAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        reading = [];
    }

    /// <summary>The events of a stream: when each has come, in seconds since the request was sent.</summary>
    public async IAsyncEnumerable<double> EventsAsync(
        ulong seed, int prompt, int length, double temperature, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IEnumerable<int> ids = Requests.Prompt(seed, prompt, 1, temperature).PrefixIds!;
        string json = string.Create(CultureInfo.InvariantCulture,
            $"{{\"prompt\": [{string.Join(", ", ids)}], \"max_tokens\": {length}, \"temperature\": {temperature}, \"seed\": {seed}, \"stream\": true}}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            if (line.StartsWith("data: {", StringComparison.Ordinal))
                yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await RestAsync();
        http.Dispose();
        await server.DisposeAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
