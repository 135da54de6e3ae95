using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Unroll.Tests.Architecture;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Whatever a request says, the fault is the sender's: no answer says that it is ours.</summary>
public class GarbageTests
{
    private static readonly JsonObject Document = JsonNode.Parse(File.ReadAllText(Repository.Path("src", "Unroll.Web", "Api", "openapi.json")))!.AsObject();

    // Fields that some endpoint has, with values that make sense to one of them, or to none.
    private static readonly Gen<string> Field = OneOf([.. Document["components"]!["schemas"]!.AsObject()
        .Where(schema => schema.Key.EndsWith("Request", StringComparison.Ordinal)).SelectMany(schema => schema.Value!["properties"]!.AsObject().Select(field => field.Key)).Distinct()]);

    private static readonly Gen<string> Value = Gen.Frequency(
        (4, OneOf("0", "1", "2", "-1", "0.5", "1e400", "-0.0", "9223372036854775808", "2147483648", "true", "false", "null", "[]", "{}", "\"\"", "\"fox\"", "\"tiny\"", "\"here\"")),
        (1, OneOf("\"\\ud800\"", "\"\\u0000\"", "[1,2,3]", "[[1],[2]]", "[[]]", "[\"a\",\"b\"]", "[1,\"a\"]", "[-1]", "[99999]", "{\"1\":100}", "{\"include_usage\":true}", "{\"type\":\"text\"}")),
        (1, OneOf("[{\"role\":\"user\",\"content\":\"fox\"}]", "[{\"role\":\"user\"}]", "[null]", "{\"a\":{\"b\":{}}}", "nothing", "\"", "[", "01")),
        (1, Gen.Byte.Array[0, 60].Select(bytes => $"\"{Convert.ToBase64String(bytes)}\"")));

    private static readonly Gen<string> Body = Gen.Frequency(
        (9, Gen.Select(Field, Value).Array[0, 5].Select(fields => $"{{{string.Join(',', fields.Select(field => $"\"{field.Item1}\":{field.Item2}"))}}}")),
        (1, Value));

    private static readonly Gen<string> Place = OneOf([.. Document["paths"]!.AsObject().Where(path => path.Value!["post"] is not null).Select(path => path.Key.Replace("{id}", "here", StringComparison.Ordinal))]);

    [Fact, Slow]
    public async Task No_request_makes_the_server_fail()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create(), new ServeOptions { MaxTokens = 2000, MaxTexts = 5, MostSessions = 5 });
        (await server.PostAsync("/v1/sessions", "{'id': 'here'}")).Succeeded();
        int answered = 0;
        await Gen.Select(Place, Body).SampleAsync(async (place, body) =>
        {
            Answer answer = await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, place) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
            Interlocked.Add(ref answered, answer.Status == HttpStatusCode.OK ? 1 : 0);
            Assert.True((int)answer.Status < 500, $"{place} {body}: {answer.Text}");
            if (answer.Status != HttpStatusCode.OK)
                Assert.NotEqual("", answer.Json.GetProperty("error").GetProperty("message").GetString());
        }, iter: 10_000, threads: 4);
        Assert.InRange(answered, 100, 9_900); // both happen
        Assert.Empty(server.Failures);
        await server.UntilAsync(figures => figures is { Active: 0, Queued: 0 });
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
