using System.Net;
using System.Text.Json;
using Unroll.Counts;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Texts that go on where another request has left them, with nothing remembered by the server.</summary>
public class StateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<CellKind, TokenKind> Kinds => new() { { CellKind.Lstm, TokenKind.Character }, { CellKind.Gru, TokenKind.Word }, { CellKind.Rnn, TokenKind.Byte } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_text_in_two_requests_is_the_text_in_one(CellKind cell, TokenKind tokens)
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create(cell, new TextOptions { Tokens = tokens }));
        const string query = "'temperature': 0, 'return_state': true, 'logprobs': 0";
        Answer whole = (await server.CompleteAsync($"{{'prompt': 'The quick', 'max_tokens': 30, {query}}}")).Succeeded();
        Answer first = (await server.CompleteAsync($"{{'prompt': 'The quick', 'max_tokens': 11, {query}}}")).Succeeded();
        Answer second = (await server.CompleteAsync($"{{'max_tokens': 19, 'state': '{State(first)}', {query}}}")).Succeeded();
        Assert.Equal(whole.Choice, first.Choice + second.Choice);
        Assert.Equal(Logprobs(whole), Logprobs(first).Concat(Logprobs(second)));
        Assert.Equal(State(whole), State(second));
        // What is read with a prompt and what is read without are the same.
        Answer fed = (await server.CompleteAsync($"{{'prompt': 'The', 'max_tokens': 0, {query}}}")).Succeeded();
        Answer after = (await server.CompleteAsync($"{{'prompt': ' quick', 'max_tokens': 30, 'state': '{State(fed)}', {query}}}")).Succeeded();
        Assert.Equal(whole.Choice, after.Choice);
        Assert.DoesNotContain("\"state\"", (await server.CompleteAsync("{'max_tokens': 1}")).Succeeded().Text);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_stream_ends_with_the_state()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        Answer whole = (await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 40, 'seed': 3, 'return_state': true}")).Succeeded();
        using EventReader reader = await server.StreamAsync("/v1/completions", "{'prompt': 'fox', 'max_tokens': 40, 'seed': 3, 'return_state': true, 'stream': true}");
        List<JsonElement> events = await reader.AllAsync();
        Assert.Equal(State(whole), events[^1].GetProperty("state").GetString());
        Assert.All(events.SkipLast(1), each => Assert.False(each.TryGetProperty("state", out _)));
    }

    [Fact]
    public async Task A_character_that_a_state_cuts_is_still_whole()
    {
        await using TestServer server = await TestServer.StartAsync(CraftedModel.Spelling("\naé日", new TextOptions { Tokens = TokenKind.Byte }));
        string text = "", state = State((await server.CompleteAsync("{'prompt': '\\n', 'max_tokens': 0, 'return_state': true}")).Succeeded());
        for (int i = 0; i < 6; i++)
        {
            Answer answer = (await server.CompleteAsync($"{{'max_tokens': 1, 'temperature': 0, 'return_state': true, 'state': '{state}'}}")).Succeeded();
            (text, state) = (text + (answer.Choice == "\uFFFD" ? "" : answer.Choice), State(answer));
        }
        Assert.Equal("aé日", text);
    }

    [Fact]
    public async Task Another_state_is_refused()
    {
        LanguageModel model = Models.Create();
        await using TestServer server = await TestServer.StartAsync(model);
        string state = State((await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 0, 'return_state': true}")).Succeeded());
        byte[] bytes = Convert.FromBase64String(state);
        foreach (string wrong in (string[])["", "x", "AAAA", new string('A', 4000), Convert.ToBase64String(bytes[..^4]), Convert.ToBase64String([.. bytes, 0, 0, 0, 0]),
            Changed(0, 2), Changed(1, 0xAA), Number(float.NaN), Number(float.PositiveInfinity), Number(2e9f), Changed(33, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), Changed(41, 17), Changed(45, 0xFF, 0xFF, 0xFF, 0x7F),
            Changed(45 + 64, 0xFF, 0xFF, 0xFF)])
            (await server.CompleteAsync($"{{'state': '{wrong}'}}")).Refused(HttpStatusCode.BadRequest, "state");
        (await server.CompleteAsync("{'state': 3}")).Refused(HttpStatusCode.BadRequest, "state");
        Assert.Contains("another model", (await server.CompleteAsync($"{{'state': '{Changed(1, 0xAA)}'}}")).Refused(HttpStatusCode.BadRequest, "state", "invalid_state"));
        foreach (string field in (string[])["'n': 2", "'best_of': 2", "'prompt': ['a', 'b']"])
        {
            (await server.CompleteAsync($"{{'state': '{state}', {field}}}")).Refused(HttpStatusCode.BadRequest, "state");
            (await server.CompleteAsync($"{{'return_state': true, {field}}}")).Refused(HttpStatusCode.BadRequest, "return_state");
        }
        // Whatever else the numbers are, there is an answer, and the others go on.
        string large = Number(1e9f);
        (await server.CompleteAsync($"{{'state': '{large}', 'max_tokens': 50, 'logprobs': 5, 'return_state': true}}")).Succeeded();
        (await server.CompleteAsync($"{{'state': '{state}', 'max_tokens': 5}}")).Succeeded();
        Assert.Empty(server.Failures);

        string Changed(int at, params byte[] values)
        {
            byte[] copy = [.. bytes];
            values.CopyTo(copy, at);
            return Convert.ToBase64String(copy);
        }

        string Number(float value) => Changed(bytes.Length - sizeof(float), BitConverter.GetBytes(value));
    }

    [Fact]
    public async Task Random_bytes_are_refused_or_answered()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create(CellKind.Rnn));
        byte[] bytes = Convert.FromBase64String(State((await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 0, 'return_state': true}")).Succeeded()));
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] copy = [.. bytes];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            Answer answer = await server.CompleteAsync($"{{'state': '{Convert.ToBase64String(copy)}', 'max_tokens': 3, 'logprobs': 2, 'return_state': true}}");
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest, answer.Text);
        }
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Models_of_several_networks_and_with_a_memory_have_states_too()
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString(Models.Text));
        LanguageModel model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { HiddenSize = 12 }, seed: 2, members: 2);
        model.Memory = CountMemory.Count(corpus.Vocabulary.Encode(Models.Text), corpus.Vocabulary);
        await using TestServer server = await TestServer.StartAsync(model);
        Answer whole = (await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 30, 'temperature': 0}")).Succeeded();
        Answer first = (await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 10, 'temperature': 0, 'return_state': true}")).Succeeded();
        Answer second = (await server.CompleteAsync($"{{'max_tokens': 20, 'temperature': 0, 'state': '{State(first)}'}}")).Succeeded();
        Assert.Equal(whole.Choice, first.Choice + second.Choice);
        Assert.True(server.Server.Shelf.All[0].Model.HasMemory);
    }

    private static string State(Answer answer) => answer.Json.GetProperty("state").GetString()!;

    private static string[] Logprobs(Answer answer) =>
        [.. answer.Json.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(each => each.GetRawText())];
}
