using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Unroll.Tests.Architecture;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Unroll.Web.Api;
using Unroll.Web.Metrics;
using Unroll.Web.Models;
using Unroll.Web.Sessions;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>/openapi/v1.json is true: whatever it says is asked of a server.</summary>
public sealed class OpenApiTests
{
    private const string SessionId = "here";

    private static readonly JsonObject Document = JsonNode.Parse(File.ReadAllText(Repository.Path("src", "Unroll.Web", "Api", "openapi.json")))!.AsObject();

    // What a field needs beside itself.
    private static readonly Dictionary<string, string> Needs = new()
    {
        ["stream_options"] = """{"stream":true}""",
        ["top_logprobs"] = """{"logprobs":true}""",
        ["alternatives"] = """{"tokens":true}""",
        ["max_completion_tokens"] = """{"max_tokens":null}""",
    };

    // What others know and this server does not.
    private static readonly string[] Foreign = ["nonsense", "tools", "tool_choice", "functions", "best_of", "n", "suffix", "prompt", "input", "text", "messages", "tokens", "id"];

    public static TheoryData<string, string> Operations =>
        new(Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (path.Key, operation.Key))));

    public static TheoryData<string> Requests =>
        new(Document["paths"]!.AsObject().Where(path => path.Value!["post"]?["requestBody"] is not null).Select(path => path.Key));

    [Fact]
    public async Task What_is_served_is_what_is_described_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Models.Create().Save(folder["tiny.safetensors"]);
        var options = new ServeOptions();
        using ServedModels models = ServedModels.Load([new ServedModelFile(folder["tiny.safetensors"])], options);
        using var sessions = new SessionShelf(options, models, TimeProvider.System);
        using var meter = new ServingMeter(models, sessions);
        using var figures = new PrometheusText(meter.Meter);
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddRouting().BuildServiceProvider();
        var routes = new Routes(services);
        ApiEndpoints.Map(routes, models, sessions, figures, options, TimeProvider.System);
        IEnumerable<string> served = routes.DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => $"{method.ToLowerInvariant()} {endpoint.RoutePattern.RawText}"));
        Assert.Equal(Operations.Select(row => $"{row.Data.Item2} {row.Data.Item1}").Order(), served.Order());
    }

    [Fact]
    public async Task The_server_tells_it()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        Assert.True(JsonNode.DeepEquals(Document, JsonNode.Parse((await server.GetAsync("/openapi/v1.json")).Succeeded().Text)));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Every_operation_answers_as_described(string path, string method)
    {
        await using TestServer server = await StartAsync();
        JsonNode operation = Document["paths"]![path]![method]!;
        JsonObject? request = SchemaOf(operation["requestBody"]) is { } schema ? Least(schema) : null;
        Answer answer = (await SendAsync(server, method, path, request)).Succeeded();
        if (SchemaOf(operation["responses"]!["200"]) is { } described && described["properties"] is not null)
            Check(described, JsonNode.Parse(answer.Text), "answer");
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Every_field_that_is_described_is_taken_and_no_other(string path)
    {
        await using TestServer server = await StartAsync();
        JsonNode operation = Document["paths"]![path]!["post"]!;
        JsonObject schema = SchemaOf(operation["requestBody"])!, fields = schema["properties"]!.AsObject();
        string state = (await server.CompleteAsync("{'prompt': 'fox', 'max_tokens': 0, 'return_state': true}")).Json.GetProperty("state").GetString()!;
        foreach ((string field, JsonNode? described) in fields)
        {
            JsonArray examples = described!["examples"]?.AsArray() ?? [];
            Assert.NotEmpty(examples);
            bool mayBeLeftOut = !schema["required"]!.AsArray().Any(required => (string?)required == field);
            foreach (JsonNode? example in mayBeLeftOut ? examples.Append(null) : examples)
            {
                JsonObject request = Least(schema);
                Add(Needs.GetValueOrDefault(field, "{}"), request);
                request[field] = (string?)(example as JsonValue)?.ToString() == "STATE" ? state : example?.DeepClone();
                Answer answer = await SendAsync(server, "post", path, request);
                Assert.True(answer.Status == HttpStatusCode.OK, $"{request.ToJsonString()}: {answer.Text}");
                if (SchemaOf(operation["responses"]!["200"]) is { } response && request["stream"] is null)
                    Check(response, JsonNode.Parse(answer.Text), "answer");
                await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/sessions/{example}"));
            }
            if (described["maximum"] is { } most)
                await RefuseAsync(server, path, schema, field, JsonValue.Create(most.GetValue<double>() + 1));
            if (described["minimum"] is { } least && field != "seed")
                await RefuseAsync(server, path, schema, field, JsonValue.Create(least.GetValue<double>() - 1));
            await RefuseAsync(server, path, schema, field, new JsonArray(new JsonObject { ["nonsense"] = 1 }));
        }
        IEnumerable<string> others = Requests.SelectMany(other => SchemaOf(Document["paths"]![other.Data]!["post"]!["requestBody"])!["properties"]!.AsObject().Select(field => field.Key));
        foreach (string field in others.Concat(Foreign).Distinct().Where(field => !fields.ContainsKey(field)))
            await RefuseAsync(server, path, schema, field, JsonValue.Create("x"));
        Assert.Empty(server.Failures);
    }

    private static async Task<TestServer> StartAsync()
    {
        TestServer server = await TestServer.StartAsync(Models.Create());
        (await server.PostAsync("/v1/sessions", $"{{'id': '{SessionId}'}}")).Succeeded();
        return server;
    }

    private static async Task RefuseAsync(TestServer server, string path, JsonObject schema, string field, JsonNode value)
    {
        JsonObject request = Least(schema);
        if (schema["properties"]![field] is not null)
            Add(Needs.GetValueOrDefault(field, "{}"), request);
        request[field] = value;
        Answer answer = await SendAsync(server, "post", path, request);
        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{path} {request.ToJsonString()}: {answer.Text}");
        Assert.StartsWith(field, answer.Json.GetProperty("error").GetProperty("param").GetString());
        Check(Resolve(Document["components"]!["schemas"]!["Error"]!), JsonNode.Parse(answer.Text), "error");
    }

    private static void Add(string fields, JsonObject request)
    {
        foreach ((string name, JsonNode? value) in JsonNode.Parse(fields)!.AsObject())
            request[name] = value?.DeepClone();
    }

    private static Task<Answer> SendAsync(TestServer server, string method, string path, JsonObject? body)
    {
        string id = path.Contains("models", StringComparison.Ordinal) ? TestServer.ModelId : SessionId;
        var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path.Replace("{id}", id, StringComparison.Ordinal));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return server.SendAsync(request);
    }

    // What must be there, as the first example has it.
    private static JsonObject Least(JsonObject schema) =>
        new(schema["required"]!.AsArray().Select(field => KeyValuePair.Create((string)field!, schema["properties"]![(string)field!]!["examples"]![0]?.DeepClone())));

    private static JsonObject? SchemaOf(JsonNode? body) => body?["content"]?["application/json"]?["schema"] is { } schema ? Resolve(schema) : null;

    private static JsonObject Resolve(JsonNode schema) =>
        schema["$ref"] is { } name ? Document["components"]!["schemas"]![((string)name!)["#/components/schemas/".Length..]]!.AsObject() : schema.AsObject();

    // As much of JSON Schema as the document uses for answers.
    private static void Check(JsonNode described, JsonNode? value, string where)
    {
        JsonObject schema = Resolve(described);
        if (schema["anyOf"] is JsonArray choices)
        {
            if (value is not null)
                Check(choices[0]!, value, where);
            return;
        }
        string[] types = schema["type"] is JsonArray several ? [.. several.Select(type => (string)type!)] : schema["type"] is { } one ? [(string)one!] : [];
        string kind = value?.GetValueKind() switch
        {
            null => "null",
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => types.Contains("integer") && value.ToJsonString().All(letter => char.IsAsciiDigit(letter) || letter == '-') ? "integer" : "number",
            _ => "boolean",
        };
        Assert.True(types.Length == 0 || types.Contains(kind), $"{where} is {kind}, not {string.Join(" or ", types)}");
        if (schema["enum"] is JsonArray words)
            Assert.Contains((string?)value, words.Select(word => (string?)word));
        if (value is JsonArray items)
            foreach (JsonNode? item in items)
                Check(schema["items"]!, item, $"{where}[]");
        if (value is not JsonObject entries || schema["properties"] is not JsonObject properties)
            return;
        Assert.All(schema["required"]!.AsArray(), name => Assert.True(entries.ContainsKey((string)name!), $"{where} has no {name}"));
        foreach ((string name, JsonNode? entry) in entries)
        {
            Assert.True(properties.ContainsKey(name), $"{where}.{name} is not described");
            Check(properties[name]!, entry, $"{where}.{name}");
        }
    }

    // Where endpoints go without a server.
    private sealed class Routes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => throw new NotSupportedException();
    }
}
