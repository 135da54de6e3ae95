using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>A server that is stopped finishes what it has begun, or says so.</summary>
public class StoppingTests
{
    private const string Endless = "'max_tokens': 2000000000";

    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_that_take_too_long_end_with_all_that_an_end_has()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Slots = 2, MaxTokens = int.MaxValue, Grace = TimeSpan.Zero });
        using EventReader completion = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'stream': true, 'stream_options': {{'include_usage': true}}}}");
        using EventReader chat = await server.StreamAsync("/v1/chat/completions", $"{{'messages': [{{'role': 'user', 'content': 'fox'}}], {Endless}, 'stream': true}}");
        using EventReader queued = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'stream': true}}");
        Task<Answer> whole = server.CompleteAsync($"{{{Endless}}}");
        Assert.NotNull(await completion.NextAsync());
        Assert.NotNull(await chat.NextAsync());
        await server.UntilAsync(figures => figures is { Active: 2, Queued: 2 });
        Task stopping = server.Server.StopAsync();
        List<JsonElement> events = await completion.AllAsync();
        Assert.Equal("length", events[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.True(events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt64() > 0);
        foreach (EventReader reader in (EventReader[])[chat, queued])
            Assert.Equal("length", (await reader.AllAsync())[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        // Half an answer is none: who waits for a whole one is told to ask again.
        (await whole).Refused(HttpStatusCode.ServiceUnavailable, null, "closing");
        await stopping;
        Assert.Empty(server.Failures);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.GetAsync("/health"));
    }

    [Fact]
    public async Task Texts_that_have_the_time_come_to_their_end_while_nobody_else_is_let_in()
    {
        // Every piece waits for a clock that stands still: the text cannot end before the test lets it.
        var clock = new StoppedTimers();
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Grace = TimeSpan.FromHours(1) }, clock);
        using EventReader text = await server.StreamAsync("/v1/completions", "{'prompt': 'fox', 'max_tokens': 900, 'stream': true}");
        JsonElement choice = Choice(await text.NextAsync());
        Task stopping = server.Server.StopAsync();
        Answer late = await server.GetAsync("/health");
        late.Refused(HttpStatusCode.ServiceUnavailable, null, "closing");
        Assert.Equal("1", late.Headers.GetValues("Retry-After").Single());
        int length = 0;
        while (choice.GetProperty("text").GetString() is { Length: > 0 } piece)
        {
            Assert.False(stopping.IsCompleted);
            length += piece.Length;
            await clock.FireAsync(TimeSpan.FromMilliseconds(15));
            choice = Choice(await text.NextAsync());
        }
        Assert.Equal((900, "length"), (length, choice.GetProperty("finish_reason").GetString()));
        Assert.Empty(await text.AllAsync());
        await stopping;

        static JsonElement Choice(string? data) => JsonDocument.Parse(data!).RootElement.GetProperty("choices")[0];
    }

    [Fact]
    public async Task Clients_that_are_gone_leave_nothing_behind()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Slots = 16, MaxTokens = int.MaxValue });
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            EventReader reader = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'seed': {i}, 'stream': true}}");
            if (i % 3 == 0 && i < 16)
                await reader.NextAsync();
            reader.Dispose();
        }));
        await server.UntilAsync(figures => figures is { Active: 0, Queued: 0 });
        (await server.CompleteAsync("{'max_tokens': 1}")).Succeeded();
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_client_that_is_killed_while_it_still_sends_is_no_failure()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        for (int client = 0; client < 20; client++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            await socket.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port, Stop);
            await socket.SendAsync("POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"u8.ToArray(), Stop);
            await Task.Delay(client, Stop);
        } // reset here, as when a program is killed
        await server.Server.StopAsync(); // which waits for all that came in
        Assert.Empty(server.Failures);
    }
}
