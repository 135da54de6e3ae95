using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Unroll.Serving;

/// <summary>Clients of a server on this machine that read streams from it as fast as they come, on the cores that it has too.</summary>
internal sealed class Clients : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task[] reading = [];

    public Clients(Uri server) => Http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };

    public HttpClient Http { get; }

    /// <summary>One of the server's figures, all models together.</summary>
    public async Task<double> FigureAsync(string name)
    {
        string text = await Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Tokens that the server has produced.</summary>
    public Task<double> TokensProducedAsync() => FigureAsync("unroll_tokens_predicted_total");

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
        ulong seed, int prompt, int length, double temperature, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await AskAsync(seed, prompt, length, temperature, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException(await response.Content.ReadAsStringAsync(cancellationToken), null, response.StatusCode);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            if (line.StartsWith("data: {", StringComparison.Ordinal))
                yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Asks for a stream; the answer's beginning.</summary>
    public async Task<HttpResponseMessage> AskAsync(ulong seed, int prompt, int length, double temperature, CancellationToken cancellationToken = default)
    {
        IEnumerable<int> ids = Requests.Prompt(seed, prompt, 1, temperature).PrefixIds!;
        string json = string.Create(CultureInfo.InvariantCulture,
            $"{{\"prompt\": [{string.Join(", ", ids)}], \"max_tokens\": {length}, \"temperature\": {temperature}, \"seed\": {seed}, \"stream\": true}}");
        using HttpRequestMessage request = Post("/v1/completions", json);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>A request with a body.</summary>
    public static HttpRequestMessage Post(string path, string json)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    public async ValueTask DisposeAsync()
    {
        await RestAsync();
        Http.Dispose();
        stop.Dispose();
    }
}
