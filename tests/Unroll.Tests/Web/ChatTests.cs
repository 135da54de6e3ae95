using System.Net;
using System.Text.Json;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>POST /v1/chat/completions: what all have said, one below the other, is continued.</summary>
public class ChatTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_is_continued_as_its_lines_are()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using var alone = new TextGenerator(Model, threads: 1);
        string query = "'model': 'tiny', 'messages': [{'role': 'system', 'content': 'some letters'}, {'role': 'user', 'content': [{'type': 'text', 'text': 'The '}, {'type': 'text', 'text': 'quick'}]}, {'role': 'assistant', 'content': 'fox'}], "
            + "'max_completion_tokens': 60, 'seed': 11, 'n': 2, 'logprobs': true, 'top_logprobs': 2";
        Answer whole = (await server.PostAsync("/v1/chat/completions", $"{{{query}}}")).Succeeded();
        Assert.Equal(("chat.completion", "chatcmpl-"), (whole.Json.GetProperty("object").GetString(), whole.Json.GetProperty("id").GetString()![..9]));
        JsonElement[] choices = [.. whole.Json.GetProperty("choices").EnumerateArray()];
        for (int i = 0; i < 2; i++)
        {
            string expected = alone.Generate("some letters\nThe quick\nfox", new GenerationOptions { Length = 60, Temperature = 1, Seed = 11, Sample = (ulong)i }, Stop).Text;
            Assert.Equal(("assistant", expected), (choices[i].GetProperty("message").GetProperty("role").GetString(), choices[i].GetProperty("message").GetProperty("content").GetString()));
            Assert.Equal("length", choices[i].GetProperty("finish_reason").GetString());
            JsonElement[] tokens = [.. choices[i].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
            Assert.Equal(expected, string.Concat(tokens.Select(token => token.GetProperty("token").GetString())));
            Assert.All(tokens, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));
            Assert.Equal((int)expected[0], tokens[0].GetProperty("bytes")[0].GetInt32());
        }
        using EventReader reader = await server.StreamAsync("/v1/chat/completions", $"{{{query}, 'stream': true, 'stream_options': {{'include_usage': true}}}}");
        List<JsonElement> events = await reader.AllAsync();
        Assert.Equal(whole.Json.GetProperty("usage").GetProperty("total_tokens").GetInt32(), events[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        for (int i = 0; i < 2; i++)
        {
            JsonElement[] pieces = [.. events.SkipLast(1).Select(each => each.GetProperty("choices")[0]).Where(choice => choice.GetProperty("index").GetInt32() == i)];
            Assert.Equal(choices[i].GetProperty("message").GetProperty("content").GetString(),
                string.Concat(pieces.Select(piece => piece.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() : "")));
            Assert.Equal("assistant", pieces[0].GetProperty("delta").GetProperty("role").GetString());
            Assert.All(pieces[1..], piece => Assert.False(piece.GetProperty("delta").TryGetProperty("role", out _)));
            Assert.Equal("length", pieces[^1].GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task A_text_of_nothing_has_a_beginning_and_an_end()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using EventReader reader = await server.StreamAsync("/v1/chat/completions", "{'messages': [{'role': 'user', 'content': 'fox'}], 'max_tokens': 0, 'stream': true}");
        JsonElement only = Assert.Single(await reader.AllAsync()).GetProperty("choices")[0];
        Assert.Equal("""{"role":"assistant","content":""}""", only.GetProperty("delta").GetRawText());
        Assert.Equal("length", only.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Every_field_that_makes_no_sense_is_named()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        foreach ((string field, string fields) in ((string, string)[])
        [
            ("messages", "'messages': null"), ("messages", "'messages': []"), ("messages[0]", "'messages': ['x']"), ("messages[0].role", "'messages': [{'role': 'tool', 'content': 'x'}]"),
            ("messages[0].content", "'messages': [{'role': 'user'}]"), ("messages[0].content", "'messages': [{'role': 'user', 'content': 1}]"), ("messages[0].x", "'messages': [{'role': 'user', 'content': '', 'x': 1}]"),
            ("messages[0].name", "'messages': [{'role': 'user', 'content': '', 'name': 'me'}]"), ("messages[0].content[0].type", "'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {}}]}]"),
            ("messages[0].content[0].text", "'messages': [{'role': 'user', 'content': [{'type': 'text'}]}]"),
        ])
            (await server.PostAsync("/v1/chat/completions", $"{{{fields}}}")).Refused(HttpStatusCode.BadRequest, field);
        foreach ((string field, string fields) in ((string, string)[])
        [
            ("tools", "'tools': []"), ("response_format", "'response_format': {'type': 'json_object'}"), ("top_logprobs", "'top_logprobs': 2"), ("top_logprobs", "'logprobs': true, 'top_logprobs': 21"),
            ("max_tokens", "'max_tokens': 2, 'max_completion_tokens': 2"), ("echo", "'echo': true"), ("prompt", "'prompt': 'x'"), ("max_completion_tokens", "'max_completion_tokens': -1"), ("temperature", "'temperature': 3"),
        ])
            (await server.PostAsync("/v1/chat/completions", $"{{'messages': [{{'role': 'user', 'content': 'x'}}], {fields}}}")).Refused(HttpStatusCode.BadRequest, field);
        (await server.PostAsync("/v1/chat/completions", "{'messages': [{'role': 'user', 'content': 'x', 'name': null}], 'max_tokens': 1, 'tools': null, 'response_format': {'type': 'text'}}")).Succeeded();
    }
}
