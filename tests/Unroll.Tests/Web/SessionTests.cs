using System.Net;
using System.Text.Json;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>/v1/sessions: texts that the server remembers under names.</summary>
public class SessionTests
{
    private const string Greedy = "'temperature': 0, 'logprobs': 0";

    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_fed_and_continued_in_pieces_is_the_text_in_one()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        Answer whole = (await server.CompleteAsync($"{{'prompt': 'The quick', 'max_tokens': 30, {Greedy}}}")).Succeeded();
        Answer made = (await server.PostAsync("/v1/sessions", "{'model': 'tiny', 'id': 'a.b-c_1'}")).Succeeded();
        Assert.Equal(["id", "object", "model", "tokens", "bytes", "created", "last_used", "busy"], made.Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("a.b-c_1", 0), (made.Json.GetProperty("id").GetString(), made.Json.GetProperty("bytes").GetInt32()));
        await FeedAsync(server, "a.b-c_1", "The ");
        Answer fed = await FeedAsync(server, "a.b-c_1", "quick");
        Assert.Equal((9, 4 * 20 * 4, false), (fed.Json.GetProperty("tokens").GetInt32(), fed.Json.GetProperty("bytes").GetInt32(), fed.Json.GetProperty("busy").GetBoolean()));
        Answer fork = (await server.PostAsync("/v1/sessions/a.b-c_1/fork", "{}")).Succeeded();
        string forked = fork.Json.GetProperty("id").GetString()!;
        Assert.StartsWith("sess_", forked);
        foreach (string id in (string[])["a.b-c_1", forked])
        {
            Answer first = await GenerateAsync(server, id, $"'max_tokens': 12, {Greedy}");
            Answer second = await GenerateAsync(server, id, $"'max_tokens': 18, {Greedy}");
            Assert.Equal(whole.Choice, first.Choice + second.Choice);
            Assert.Equal(39, (await server.GetAsync($"/v1/sessions/{id}")).Succeeded().Json.GetProperty("tokens").GetInt32());
        }
        Answer list = (await server.GetAsync("/v1/sessions")).Succeeded();
        Assert.Equal(["a.b-c_1", forked], list.Json.GetProperty("data").EnumerateArray().Select(each => each.GetProperty("id").GetString()));
        Assert.Equal((640, 1024), (list.Json.GetProperty("bytes").GetInt32(), list.Json.GetProperty("most").GetInt32()));
        Answer deleted = (await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/sessions/{forked}"))).Succeeded();
        Assert.Equal($$"""{"id":"{{forked}}","object":"session.deleted","deleted":true}""", deleted.Text);
        (await server.GetAsync($"/v1/sessions/{forked}")).Refused(HttpStatusCode.NotFound, null, "session_not_found");
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_state_of_a_request_becomes_a_session_and_back()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        Answer begun = (await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 7, 'temperature': 0, 'return_state': true}")).Succeeded();
        string state = begun.Json.GetProperty("state").GetString()!;
        (await server.PostAsync("/v1/sessions", $"{{'id': 's', 'state': '{state}'}}")).Succeeded();
        Answer next = await GenerateAsync(server, "s", $"'max_tokens': 9, {Greedy}, 'return_state': true");
        Answer same = (await server.CompleteAsync($"{{'state': '{state}', 'max_tokens': 9, {Greedy}, 'return_state': true}}")).Succeeded();
        Assert.Equal((same.Choice, same.Json.GetProperty("state").GetString()), (next.Choice, next.Json.GetProperty("state").GetString()));
        Answer fed = (await server.PostAsync("/v1/sessions/s/feed", "{'text': '', 'return_state': true}")).Succeeded();
        Assert.Equal(same.Json.GetProperty("state").GetString(), fed.Json.GetProperty("state").GetString());
        (await server.PostAsync("/v1/sessions", "{'state': 'x'}")).Refused(HttpStatusCode.BadRequest, "state");
    }

    [Fact]
    public async Task One_request_at_a_time_has_a_session_and_an_abort_keeps_what_was_read()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MaxTokens = int.MaxValue });
        (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
        await FeedAsync(server, "s", "The quick");
        EventReader reader = await server.StreamAsync("/v1/sessions/s/generate", "{'max_tokens': 2000000000, 'stream': true}");
        Assert.NotNull(await reader.NextAsync());
        Assert.True((await server.GetAsync("/v1/sessions/s")).Succeeded().Json.GetProperty("busy").GetBoolean());
        foreach (string verb in (string[])["feed", "generate", "fork"])
            (await server.PostAsync($"/v1/sessions/s/{verb}", verb == "feed" ? "{'text': 'a'}" : "{}")).Refused(HttpStatusCode.Conflict, null, "session_busy");
        (await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/v1/sessions/s"))).Refused(HttpStatusCode.Conflict, null, "session_busy");
        reader.Dispose();
        Answer left;
        do
            left = (await server.GetAsync("/v1/sessions/s")).Succeeded();
        while (left.Json.GetProperty("busy").GetBoolean());
        Assert.InRange(left.Json.GetProperty("tokens").GetInt64(), 10, long.MaxValue);
        (await GenerateAsync(server, "s", "'max_tokens': 5")).Succeeded();
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_stream_of_a_session_may_be_followed_at_once()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        Answer whole = (await server.CompleteAsync($"{{'max_tokens': 100, {Greedy}}}")).Succeeded();
        (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
        string text = "";
        for (int i = 0; i < 10; i++)
        {
            using EventReader reader = await server.StreamAsync("/v1/sessions/s/generate", $"{{'max_tokens': 10, {Greedy}, 'stream': true}}");
            foreach (JsonElement each in await reader.AllAsync())
                text += each.GetProperty("choices")[0].GetProperty("text").GetString();
        }
        Assert.Equal(whole.Choice, text);
    }

    [Fact]
    public async Task Sessions_are_bounded_and_go_when_nobody_uses_them()
    {
        var clock = new Calendar();
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MostSessions = 2, SessionExpiry = TimeSpan.FromMinutes(10) }, clock);
        (await server.PostAsync("/v1/sessions", "{'id': 'a'}")).Succeeded();
        (await server.PostAsync("/v1/sessions", "{'id': 'a'}")).Refused(HttpStatusCode.Conflict, "id", "session_exists");
        clock.Advance(TimeSpan.FromMinutes(9));
        (await server.PostAsync("/v1/sessions", "{'id': 'b'}")).Succeeded();
        foreach (string path in (string[])["/v1/sessions", "/v1/sessions/a/fork"])
        {
            Answer full = await server.PostAsync(path, "{'id': 'c'}");
            full.Refused(HttpStatusCode.TooManyRequests, null, "too_many_sessions");
            Assert.Equal("60", full.Headers.GetValues("Retry-After").Single());
        }
        await FeedAsync(server, "a", "fox"); // used, so it stays
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(2, (await server.GetAsync("/v1/sessions")).Json.GetProperty("data").GetArrayLength());
        clock.Advance(TimeSpan.FromMinutes(1.1));
        (await server.GetAsync("/v1/sessions/a")).Refused(HttpStatusCode.NotFound, null, "session_not_found");
        (await server.PostAsync("/v1/sessions/b/feed", "{'text': 'a'}")).Refused(HttpStatusCode.NotFound, null);
        (await server.PostAsync("/v1/sessions", "{'id': 'c'}")).Succeeded();
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MaxPrompt = 10 });
        foreach (string id in (string[])["", "a/b", "..%2f", "ä", new string('a', 65)])
            (await server.PostAsync("/v1/sessions", $"{{'id': '{id}'}}")).Refused(HttpStatusCode.BadRequest, "id");
        (await server.PostAsync("/v1/sessions", "{'id': 's', 'other': 1}")).Refused(HttpStatusCode.BadRequest, "other", "unknown_parameter");
        (await server.PostAsync("/v1/sessions", "{'model': 'other'}")).Refused(HttpStatusCode.NotFound, "model");
        (await server.GetAsync("/v1/sessions/s")).Refused(HttpStatusCode.NotFound, null);
        (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
        foreach ((string verb, string json, string field) in ((string, string, string)[])
        [
            ("feed", "{}", "text"), ("feed", "{'text': 3}", "text"), ("feed", "{'text': 'a', 'max_tokens': 3}", "max_tokens"), ("feed", "{'text': 'aaaaaaaaaaaa'}", "text"),
            ("generate", "{'prompt': 'a'}", "prompt"), ("generate", "{'n': 1}", "n"), ("generate", "{'echo': true}", "echo"), ("generate", "{'state': 'x'}", "state"),
            ("generate", "{'max_tokens': -1}", "max_tokens"), ("fork", "{'model': 'tiny'}", "model"), ("fork", "{'id': 's/'}", "id"),
        ])
            (await server.PostAsync($"/v1/sessions/s/{verb}", json)).Refused(HttpStatusCode.BadRequest, field);
        (await server.PostAsync("/v1/sessions/t/feed", "{'text': 'a'}")).Refused(HttpStatusCode.NotFound, null);
        Assert.False((await server.GetAsync("/v1/sessions/s")).Succeeded().Json.GetProperty("busy").GetBoolean());
        Assert.Equal(0, (await server.GetAsync("/v1/sessions/s")).Json.GetProperty("tokens").GetInt32());
    }

    internal static Task<Answer> FeedAsync(TestServer server, string id, string text) => Succeeded(server.PostAsync($"/v1/sessions/{id}/feed", $"{{'text': '{text}'}}"));

    internal static Task<Answer> GenerateAsync(TestServer server, string id, string fields) => Succeeded(server.PostAsync($"/v1/sessions/{id}/generate", $"{{{fields}}}"));

    private static async Task<Answer> Succeeded(Task<Answer> answer) => (await answer).Succeeded();
}
