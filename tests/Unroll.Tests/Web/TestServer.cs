using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)
{
    /// <summary>It as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The only choice's, or the first's, text.</summary>
    public string Choice => Json.GetProperty("choices")[0].GetProperty("text").GetString()!;

    /// <summary>This answer, if it is one.</summary>
    public Answer Succeeded()
    {
        Assert.True(Status == HttpStatusCode.OK, $"{Status}: {Text}");
        return this;
    }

    /// <summary>Checks that it is a refusal in the form that clients read.</summary>
    /// <returns>Its message.</returns>
    public string Refused(HttpStatusCode status, string? field, string? code = null)
    {
        Assert.Equal((status, Text), (Status, Text));
        JsonElement error = Json.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(property => property.Name));
        Assert.Equal(field, error.GetProperty("param").GetString());
        if (code is not null)
            Assert.Equal(code, error.GetProperty("code").GetString());
        return error.GetProperty("message").GetString()!;
    }
}

/// <summary>A server of one model on a port of its own, and a client beside it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string ModelId = "tiny";

    private readonly TemporaryFolder folder = new();

    private TestServer()
    {
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public LanguageModel Model { get; private init; } = null!;

    public WebServer Server { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>What its model is doing.</summary>
    public BatchFigures Figures => Server.Shelf.All[0].Generator.Figures;

    /// <summary>What has gone wrong inside.</summary>
    public List<Exception> Failures { get; } = [];

    public static async Task<TestServer> StartAsync(LanguageModel model, ServeOptions? options = null, TimeProvider? clock = null)
    {
        var server = new TestServer { Model = model };
        string path = server.folder[$"{ModelId}.safetensors"];
        model.Save(path);
        server.Server = await WebServer.StartAsync((options ?? new ServeOptions()) with { Port = 0 }, [new ServedModelFile(path)], server.Failures.Add, clock ?? TimeProvider.System, Stop);
        server.Client = new HttpClient { BaseAddress = server.Server.Address };
        return server;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Posts an object of JSON; <c>'</c> stands for <c>"</c>.</summary>
    public Task<Answer> PostAsync(string path, string json) => SendAsync(Post(path, json));

    public Task<Answer> CompleteAsync(string json) => PostAsync("/v1/completions", json);

    public Task<Answer> CompleteAsync(JsonObject json) => SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = Json(json.ToJsonString()) });

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Client.SendAsync(request, Stop);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers);
    }

    /// <summary>Begins to read a stream.</summary>
    public async Task<EventReader> StreamAsync(string path, string json, CancellationToken? stop = null)
    {
        HttpResponseMessage response = await Client.SendAsync(Post(path, json), HttpCompletionOption.ResponseHeadersRead, stop ?? Stop);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return new EventReader(response, await response.Content.ReadAsStreamAsync(stop ?? Stop));
    }

    /// <summary>Waits until its model does what is expected.</summary>
    public async Task UntilAsync(Func<BatchFigures, bool> condition)
    {
        while (!condition(Figures))
            await Task.Delay(1, Stop);
    }

    public static HttpRequestMessage Post(string path, string json) => new(HttpMethod.Post, path) { Content = Json(json.Replace('\'', '"')) };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        folder.Dispose();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}

/// <summary>The events of a stream.</summary>
internal sealed class EventReader(HttpResponseMessage response, Stream stream) : IDisposable
{
    private readonly StreamReader reader = new(stream, Encoding.UTF8);

    /// <summary>The next event's data; null at the end.</summary>
    public async Task<string?> NextAsync()
    {
        string? line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null)
            return null;
        Assert.StartsWith("data: ", line);
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        return line["data: ".Length..];
    }

    /// <summary>All that are left but the mark of the end, which must be there.</summary>
    public async Task<List<JsonElement>> AllAsync()
    {
        var events = new List<JsonElement>();
        while (await NextAsync() is { } data)
        {
            if (data == "[DONE]")
            {
                Assert.Null(await NextAsync());
                return events;
            }
            events.Add(JsonDocument.Parse(data).RootElement);
        }
        Assert.Fail("The stream has no end.");
        return events;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
