using System.Net;
using System.Text.Json;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Texts that come as they are made.</summary>
public class EventTests
{
    private const string Endless = "'max_tokens': 2000000000";

    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_pieces_of_a_stream_are_the_text()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        string query = "'prompt': ['The quick', 'fox'], 'max_tokens': 700, 'n': 2, 'seed': 5, 'echo': true, 'logprobs': 1, 'stop': 'zz'";
        Answer whole = (await server.CompleteAsync($"{{{query}}}")).Succeeded();
        using EventReader reader = await server.StreamAsync("/v1/completions", $"{{{query}, 'stream': true, 'stream_options': {{'include_usage': true}}}}");
        List<JsonElement> events = await reader.AllAsync();

        // What was counted comes last, by itself.
        Assert.Empty(events[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(whole.Json.GetProperty("usage").GetProperty("total_tokens").GetInt32(), events[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        events.RemoveAt(events.Count - 1);
        Assert.All(events, each => Assert.Equal(JsonValueKind.Null, each.GetProperty("usage").ValueKind));
        Assert.Single(events.Select(each => each.GetProperty("id").GetString()).Distinct());
        foreach (JsonElement expected in whole.Json.GetProperty("choices").EnumerateArray())
        {
            JsonElement[] pieces = [.. events.Select(each => each.GetProperty("choices")[0]).Where(choice => choice.GetProperty("index").GetInt32() == expected.GetProperty("index").GetInt32())];
            Assert.Equal(expected.GetProperty("text").GetString(), string.Concat(pieces.Select(piece => piece.GetProperty("text").GetString())));
            Assert.All(pieces[..^1], piece => Assert.Equal(JsonValueKind.Null, piece.GetProperty("finish_reason").ValueKind));
            Assert.Equal(expected.GetProperty("finish_reason").GetString(), pieces[^1].GetProperty("finish_reason").GetString());
            foreach (string list in (string[])["tokens", "token_logprobs", "top_logprobs", "text_offset"])
                Assert.Equal(expected.GetProperty("logprobs").GetProperty(list).EnumerateArray().Select(entry => entry.GetRawText()),
                    pieces.SelectMany(piece => piece.GetProperty("logprobs").GetProperty(list).EnumerateArray().Select(entry => entry.GetRawText())));
        }
    }

    [Fact]
    public async Task The_first_token_comes_at_once_and_then_what_has_come_in_the_meantime()
    {
        // Time stands still: what a stream waits for does not come before the test says so.
        var clock = new StoppedTimers();
        await using TestServer server = await TestServer.StartAsync(Model, clock: clock);
        using EventReader reader = await server.StreamAsync("/v1/completions", "{'prompt': 'fox', 'max_tokens': 900, 'seed': 1, 'stream': true}");
        string text = Text(await reader.NextAsync());
        Assert.NotEmpty(text);
        await server.UntilAsync(figures => figures is { Active: 0 });
        if (text.Length < 900) // unless all of it had come when the first token was read
        {
            await clock.FireAsync(TimeSpan.FromMilliseconds(15));
            text += Text(await reader.NextAsync());
        }
        Assert.Equal(900, text.Length);
        await clock.FireAsync(TimeSpan.FromMilliseconds(15));
        Assert.Equal("", Text(await reader.NextAsync()));
        Assert.Empty(await reader.AllAsync());

        static string Text(string? data) => JsonDocument.Parse(data!).RootElement.GetProperty("choices")[0].GetProperty("text").GetString()!;
    }

    [Fact]
    public async Task No_character_comes_in_pieces_and_no_stop_text_at_all()
    {
        await using TestServer server = await TestServer.StartAsync(CraftedModel.Spelling("\naé日", new TextOptions { Tokens = TokenKind.Byte }));
        foreach ((string stop, string expected, string reason) in ((string, string, string)[])[("'x'", "aé日", "length"), ("'日'", "aé", "stop")])
        {
            using EventReader reader = await server.StreamAsync("/v1/completions", $"{{'prompt': '\\n', 'max_tokens': 6, 'temperature': 0, 'stream': true, 'stop': {stop}}}");
            List<JsonElement> events = await reader.AllAsync();
            Assert.Equal(expected, string.Concat(events.Select(each => each.GetProperty("choices")[0].GetProperty("text").GetString())));
            Assert.Equal(reason, events[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task Sixty_four_streams_at_a_time_are_each_what_they_are_alone()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Slots = 48 });
        using var alone = new TextGenerator(Model, threads: 1);
        string[] texts = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using EventReader reader = await server.StreamAsync("/v1/completions", $"{{'prompt': 'The quick', 'max_tokens': {100 + i}, 'seed': {i}, 'stream': true}}");
            return string.Concat((await reader.AllAsync()).Select(each => each.GetProperty("choices")[0].GetProperty("text").GetString()));
        }));
        for (int i = 0; i < texts.Length; i++)
            Assert.Equal(alone.Generate("The quick", new GenerationOptions { Length = 100 + i, Temperature = 1, Seed = (ulong)i }, Stop).Text, texts[i]);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Who_leaves_gives_the_slot_back_in_the_queue_too()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Slots = 1, Queue = 1, MaxTokens = int.MaxValue });
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        EventReader first = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'stream': true}}");
        Assert.NotNull(await first.NextAsync());
        Task second = server.Client.SendAsync(TestServer.Post("/v1/completions", $"{{{Endless}}}"), waiting.Token);
        await server.UntilAsync(figures => figures is { Active: 1, Queued: 1 });
        Answer full = await server.CompleteAsync("{'max_tokens': 1}");
        Assert.Contains("try again later", full.Refused(HttpStatusCode.TooManyRequests, null, "queue_full"));
        Assert.Equal("1", full.Headers.GetValues("Retry-After").Single());
        // Of several texts none is begun where there is no room for all.
        (await server.CompleteAsync("{'max_tokens': 1, 'n': 2}")).Refused(HttpStatusCode.TooManyRequests, null, "queue_full");
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await server.UntilAsync(figures => figures is { Active: 1, Queued: 0 });
        first.Dispose();
        await server.UntilAsync(figures => figures is { Active: 0, Queued: 0 });
        (await server.CompleteAsync("{'max_tokens': 1}")).Succeeded();
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Who_does_not_read_holds_nobody_up()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Slots = 2, MaxTokens = int.MaxValue });
        using EventReader slow = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'logprobs': 5, 'stream': true}}");
        for (int i = 0; i < 20; i++)
            (await server.CompleteAsync("{'max_tokens': 2000}")).Succeeded();
        Assert.NotNull(await slow.NextAsync());
    }

    [Fact]
    [Slow]
    public async Task Who_does_not_read_at_all_loses_the_slot()
    {
        var clock = new StoppedTimers();
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MaxTokens = int.MaxValue }, clock);
        using EventReader idle = await server.StreamAsync("/v1/completions", $"{{{Endless}, 'logprobs': 5, 'stream': true}}");
        // Pieces are sent until no more go onto the way; then one waits for its reader, and its minute goes by.
        while (server.Figures is not { Active: 0, Queued: 0 })
        {
            clock.FireAll();
            await Task.Delay(1, Stop);
        }
        Assert.Empty(server.Failures);
    }
}
