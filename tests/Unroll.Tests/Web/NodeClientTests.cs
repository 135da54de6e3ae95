using System.Text.Json;
using Unroll.Tests.Cli;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Clients in JavaScript, unmodified, against the server.</summary>
public class NodeClientTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact, Slow]
    public async Task Openai_of_npm_gets_what_the_library_writes()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { ApiKey = "secret", MaxTokens = int.MaxValue });
        JsonElement result = await RunAsync("openai.mjs", server.Server.Address, "secret");
        using var alone = new TextGenerator(Model, threads: 1);
        var options = new GenerationOptions { Length = 200, Temperature = 1, Seed = 7 };
        string[] expected = [.. Enumerable.Range(0, 2).Select(sample => alone.Generate("The quick", options with { Sample = (ulong)sample }, Stop).Text)];
        Assert.Equal(["tiny"], Texts(result, "models"));
        Assert.Equal("model", Text(result, "model"));
        Assert.Equal(expected, Texts(result, "completion"));
        Assert.Equal(["length", "length"], Texts(result, "finish"));
        Assert.Equal((400, 200), (result.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), result.GetProperty("logprobs").GetInt32()));
        Assert.Equal((expected[0], 209), (Text(result, "streamed"), result.GetProperty("streamedUsage").GetProperty("total_tokens").GetInt32()));
        Assert.Equal((expected[0], expected[0]), (Text(result, "chat"), Text(result, "chatStreamed")));
        string[] failures = [.. result.GetProperty("failures").EnumerateArray().Select(failure => failure.GetRawText())];
        Assert.Equal(
        [
            """{"name":"NotFoundError","status":404,"type":"invalid_request_error","param":"model","code":"model_not_found","id":"req_"}""",
            """{"name":"BadRequestError","status":400,"type":"invalid_request_error","param":"suffix","code":"unsupported_parameter","id":"req_"}""",
            """{"name":"BadRequestError","status":400,"type":"invalid_request_error","param":"temperature","code":"invalid_value","id":"req_"}""",
            """{"name":"BadRequestError","status":400,"type":"invalid_request_error","param":"messages","code":"invalid_value","id":"req_"}""",
            """{"name":"AuthenticationError","status":401,"type":"authentication_error","param":null,"code":"invalid_api_key","id":"req_"}""",
        ], failures);
        Assert.InRange(result.GetProperty("eventsBeforeAbort").GetInt32(), 3, 100);
        await server.UntilAsync(figures => figures is { Active: 0, Queued: 0 });
        Assert.Empty(server.Failures);
    }

    [Fact, Slow]
    public async Task LangChain_gets_what_the_library_writes()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { ApiKey = "secret" });
        JsonElement result = await RunAsync("langchain.mjs", server.Server.Address, "secret");
        using var alone = new TextGenerator(Model, threads: 1);
        string expected = alone.Generate("The quick", 100)["The quick".Length..], other = alone.Generate("fox", 100)["fox".Length..];
        Assert.Equal((expected, expected, expected), (Text(result, "invoked"), Text(result, "streamed"), Text(result, "chat")));
        Assert.Equal([expected, other], Texts(result, "batch"));
        Assert.Equal(expected[..expected.IndexOf(expected[5..8], StringComparison.Ordinal)], Text(result, "stopped"));
        Assert.Empty(server.Failures);
    }

    // Runs a client and reads what it says.
    private static async Task<JsonElement> RunAsync(string script, Uri address, string key)
    {
        using UnrollProcess process = Node.Start("clients", [script, $"{address}", key]);
        return (await Task.Run(process.Finish, Stop)).Succeeded().Json;
    }

    private static string Text(JsonElement result, string name) => result.GetProperty(name).GetString()!;

    private static IEnumerable<string> Texts(JsonElement result, string name) => result.GetProperty(name).EnumerateArray().Select(each => each.GetString()!);
}
