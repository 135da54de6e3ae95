using System.Net;
using System.Text;
using CsCheck;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>What is wrong with a request is told by the field's name, and nothing is ignored in silence.</summary>
public class RefusalTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_field_that_makes_no_sense_is_named()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MaxTexts = 6, MaxTokens = 1000, MaxPrompt = 20 });
        foreach ((string field, string fields) in ((string, string)[])
        [
            ("model", "'model': 7"), ("prompt", "'prompt': 7"), ("prompt", "'prompt': []"), ("prompt", "'prompt': ['a', 1]"), ("prompt", "'prompt': [1, 'a']"), ("prompt", "'prompt': [[1], 2]"), ("prompt", "'prompt': [1.5]"),
            ("prompt", "'prompt': [99]"), ("prompt", "'prompt': [-1]"), ("prompt", "'prompt': [{}]"), ("prompt", "'prompt': ['a', 'b', 'c', 'd', 'e', 'f', 'g']"), ("prompt", "'prompt': 'abcdefghijklmnopqrstu'"),
            ("prompt", "'prompt': [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"),
            ("n", "'n': 0"), ("n", "'n': 129"), ("n", "'n': 7"), ("n", "'n': 1.5"), ("best_of", "'n': 3, 'best_of': 2"), ("best_of", "'best_of': 21"), ("best_of", "'best_of': 2, 'stream': true"), ("max_tokens", "'max_tokens': -1"),
            ("max_tokens", "'max_tokens': 1001"), ("max_tokens", "'max_tokens': 400, 'n': 3"), ("max_tokens", "'max_tokens': '5'"), ("max_tokens", "'max_tokens': 99999999999"), ("stop", "'stop': ''"), ("stop", "'stop': [1]"),
            ("stop", "'stop': ['a', 'b', 'c', 'd', 'e']"), ("stop", "'stop': 1"), ("echo", "'echo': 1"), ("logprobs", "'logprobs': 6"), ("logprobs", "'logprobs': true"), ("presence_penalty", "'presence_penalty': 2.1"),
            ("frequency_penalty", "'frequency_penalty': -2.1"), ("logit_bias", "'logit_bias': []"), ("logit_bias", "'logit_bias': {'a': 1}"), ("logit_bias.1", "'logit_bias': {'1': 101}"), ("logit_bias", "'logit_bias': {'999': 1}"),
            ("seed", "'seed': 'x'"), ("seed", "'seed': 1.5"), ("seed", "'seed': 18446744073709551616"), ("suffix", "'suffix': 'x'"), ("stream", "'stream': 'yes'"), ("stream_options", "'stream_options': {'include_usage': true}"),
            ("stream_options.include_obfuscation", "'stream': true, 'stream_options': {'include_obfuscation': true}"), ("stream_options.x", "'stream': true, 'stream_options': {'x': 1}"), ("temperature", "'temperature': 2.1"),
            ("temperature", "'temperature': -1"), ("temperature", "'temperature': 'hot'"), ("top_p", "'top_p': 1.1"), ("top_k", "'top_k': -2"), ("min_p", "'min_p': 2"), ("repetition_penalty", "'repetition_penalty': 0.5"),
            ("user", "'user': 1"), ("max_token", "'max_token': 5"), ("Prompt", "'Prompt': 'x'"), ("stopp", "'stopp': null"),
        ])
            Assert.EndsWith(".", (await server.CompleteAsync($"{{{fields}}}")).Refused(HttpStatusCode.BadRequest, field));
        (await server.CompleteAsync("{'model': 'other'}")).Refused(HttpStatusCode.NotFound, "model", "model_not_found");
        (await server.CompleteAsync("{'prompt': 'abcdefghijklmnopqrst', 'n': 6, 'max_tokens': 100, 'suffix': null, 'logit_bias': {}, 'stop': null, 'logprobs': null, 'best_of': null}")).Succeeded();
        Assert.Empty(server.Failures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"prompt\": \"a\", \"prompt\": \"b\"}")]
    [InlineData("{\"prompt\": \"\\ud800\"}")]
    [InlineData("{\"prompt\": \"a\"} x")]
    [InlineData("{\"prompt\": NaN}")]
    public async Task Broken_JSON_is_told(string body)
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        foreach (string path in (string[])["/v1/completions", "/tokenize"])
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            (await server.SendAsync(request)).Refused(HttpStatusCode.BadRequest, null, "invalid_json");
        }
    }

    [Fact]
    public async Task Paths_methods_and_sizes_are_told_too()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { MaxBody = 1000 });
        (await server.GetAsync("/v1/nothing")).Refused(HttpStatusCode.NotFound, null, "not_found");
        (await server.GetAsync("/")).Refused(HttpStatusCode.NotFound, null, "not_found");
        (await server.GetAsync("/v1/models/other")).Refused(HttpStatusCode.NotFound, "model", "model_not_found");
        Assert.Equal("/v1/completions takes POST, not GET.", (await server.GetAsync("/v1/completions")).Refused(HttpStatusCode.MethodNotAllowed, null, "method_not_allowed"));
        Assert.Equal("/v1/models takes GET, not POST.", (await server.PostAsync("/v1/models", "{}")).Refused(HttpStatusCode.MethodNotAllowed, null, "method_not_allowed"));
        (await server.CompleteAsync($"{{'prompt': '{new string('a', 1000)}'}}")).Refused(HttpStatusCode.RequestEntityTooLarge, null, "body_too_large");
        (await server.CompleteAsync($"{{'prompt': '{new string('a', 900)}'}}")).Succeeded();
        Assert.Empty((await server.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/nothing"))).Text);
    }

    [Fact]
    public async Task No_garbage_makes_the_server_fail()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        byte[] sound = Encoding.UTF8.GetBytes("""{"model":"tiny","prompt":["The ","fox"],"max_tokens":3,"n":2,"logprobs":2,"stop":["zq"],"logit_bias":{"3":1.5},"temperature":0.5,"seed":7,"echo":true}""");
        // A byte becomes another, one goes or one comes; several times.
        Gen<byte[]> garbage = Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, 2]).Array[1, 4].Select(changes =>
        {
            List<byte> bytes = [.. sound];
            foreach ((int at, byte value, int kind) in changes)
            {
                if (kind == 0)
                    bytes[Math.Min(at, bytes.Count - 1)] = value;
                else if (kind == 1)
                    bytes.RemoveAt(Math.Min(at, bytes.Count - 1));
                else
                    bytes.Insert(Math.Min(at, bytes.Count), value);
            }
            return bytes.ToArray();
        });
        await garbage.SampleAsync(async bytes =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new ByteArrayContent(bytes) };
            request.Content.Headers.ContentType = new("application/json");
            Answer answer = await server.SendAsync(request);
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{answer.Status}: {Convert.ToHexString(bytes)}");
        }, iter: 500);
        Assert.Empty(server.Failures);
        await server.UntilAsync(figures => figures is { Active: 0, Queued: 0 });
    }
}
