using System.Net;
using System.Net.Http.Headers;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Who is answered, and who is not.</summary>
public class SafetyTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1234", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:80", true)]
    [InlineData("models.example.org", true)]
    [InlineData("evil.example.org", false)]
    [InlineData("localhost.example.org", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("127.0.0.1.nip.io", false)]
    public async Task Only_known_names_are_answered(string host, bool known)
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Hosts = ["models.example.org"] });
        foreach (string path in (string[])["/health", "/v1/models"])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            Answer answer = await server.SendAsync(request);
            if (known)
                answer.Succeeded();
            else
                answer.Refused(HttpStatusCode.Forbidden, null, "host_not_allowed");
        }
    }

    [Fact]
    public async Task Who_listens_everywhere_goes_by_any_number_and_by_no_foreign_name()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Address = "0.0.0.0", Insecure = true });
        Assert.Equal("127.0.0.1", server.Server.Address.Host);
        foreach ((string host, HttpStatusCode status) in ((string, HttpStatusCode)[])[("192.168.1.1:7310", HttpStatusCode.OK), ("[fe80::1]", HttpStatusCode.OK), ("rebound.example.org", HttpStatusCode.Forbidden)])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.Host = host;
            Assert.Equal(status, (await server.SendAsync(request)).Status);
        }
    }

    [Fact]
    public async Task Pages_of_other_sites_may_not_ask()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        string own = server.Server.Address.GetLeftPart(UriPartial.Authority);
        foreach ((string origin, bool allowed) in ((string, bool)[])[(own, true), (own.Replace("http", "https"), true), ("http://127.0.0.1", false), ("https://example.org", false), ("null", false), ("http://127.0.0.1:1", false)])
        {
            HttpRequestMessage request = TestServer.Post("/v1/completions", "{'max_tokens': 1}");
            request.Headers.Add("Origin", origin);
            Answer answer = await server.SendAsync(request);
            if (allowed)
                answer.Succeeded();
            else
                answer.Refused(HttpStatusCode.Forbidden, null, "origin_not_allowed");
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task Only_JSON_is_read(string? type)
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        foreach (string path in (string[])["/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize"])
        {
            HttpRequestMessage request = TestServer.Post(path, "{'prompt': 'a'}");
            request.Content!.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            (await server.SendAsync(request)).Refused(HttpStatusCode.UnsupportedMediaType, null, "unsupported_media_type");
        }
    }

    [Fact]
    public async Task The_key_opens_every_path_and_only_health_needs_none()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { ApiKey = "open-sesame" });
        (await server.GetAsync("/health")).Succeeded();
        foreach (string path in (string[])["/v1/models", "/v1/models/tiny", "/v1/completions", "/tokenizer_info", "/tokenize", "/nothing", "/", "/health/", "/healthy"])
        {
            Answer answer = await server.GetAsync(path);
            answer.Refused(HttpStatusCode.Unauthorized, null, "invalid_api_key");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        }
        foreach ((string key, HttpStatusCode status) in ((string, HttpStatusCode)[])
            [("Bearer open-sesame", HttpStatusCode.OK), ("bearer  open-sesame ", HttpStatusCode.OK), ("Bearer open", HttpStatusCode.Unauthorized), ("Bearer open-sesame2", HttpStatusCode.Unauthorized), ("Basic open-sesame", HttpStatusCode.Unauthorized), ("Bearer", HttpStatusCode.Unauthorized)])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
            request.Headers.TryAddWithoutValidation("Authorization", key);
            Assert.Equal((key, status), (key, (await server.SendAsync(request)).Status));
        }
    }

    [Fact]
    public async Task Answers_tell_browsers_to_expect_nothing_else()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        foreach (string path in (string[])["/health", "/nothing"])
        {
            using HttpResponseMessage response = await server.Client.GetAsync(path, Stop);
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_client_that_asks_too_often_is_told_when_to_come_again()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { Rate = 2 });
        (await server.GetAsync("/v1/models")).Succeeded();
        (await server.GetAsync("/v1/models")).Succeeded();
        Answer refused = await server.GetAsync("/v1/models");
        refused.Refused(HttpStatusCode.TooManyRequests, null, "rate_limit_exceeded");
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single()), 1, 60);
        (await server.GetAsync("/health")).Succeeded();
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.1")]
    public async Task Other_machines_need_a_key_or_a_word(string address)
    {
        OptionsException refused = await Assert.ThrowsAsync<OptionsException>(() => WebServer.StartAsync(new ServeOptions { Address = address }, [new ServedModelFile("none")], cancellationToken: Stop));
        Assert.Equal(["Address", "ApiKey", "Insecure"], refused.Properties);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_before_anything_listens()
    {
        foreach ((ServeOptions options, string property) in ((ServeOptions, string)[])
        [
            (new() { Port = 70000 }, "Port"), (new() { Address = "example.org" }, "Address"), (new() { ApiKey = "" }, "ApiKey"), (new() { ApiKey = "a b" }, "ApiKey"), (new() { ApiKey = "é" }, "ApiKey"),
            (new() { Hosts = ["http://x"] }, "Hosts"), (new() { Slots = 0 }, "Slots"), (new() { Queue = -1 }, "Queue"), (new() { RememberedBytes = -1 }, "RememberedBytes"), (new() { Threads = -1 }, "Threads"),
            (new() { MaxBody = 0 }, "MaxBody"), (new() { MaxPrompt = 0 }, "MaxPrompt"), (new() { MaxTokens = 0 }, "MaxTokens"), (new() { MaxTexts = 0 }, "MaxTexts"), (new() { Rate = -1 }, "Rate"),
            (new() { Grace = TimeSpan.FromSeconds(-1) }, "Grace"),
        ])
            Assert.Equal(property, (await Assert.ThrowsAsync<OptionsException>(() => WebServer.StartAsync(options, [new ServedModelFile("none")], cancellationToken: Stop))).Property);
        Assert.Contains("no model", (await Assert.ThrowsAsync<UnrollException>(() => WebServer.StartAsync(null, [], cancellationToken: Stop))).Message);
        Assert.Contains("\"a\"", (await Assert.ThrowsAsync<UnrollException>(() => WebServer.StartAsync(null, [new("x/a.safetensors"), new("y/a.safetensors")], cancellationToken: Stop))).Message);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_a_sentence()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using var folder = new TemporaryFolder();
        Model.Save(folder["a.safetensors"]);
        UnrollException taken = await Assert.ThrowsAnyAsync<UnrollException>(() =>
            WebServer.StartAsync(new ServeOptions { Port = server.Server.Address.Port }, [new ServedModelFile(folder["a.safetensors"])], cancellationToken: Stop));
        Assert.Equal($"Port {server.Server.Address.Port} is taken by another program: stop it, or choose another port.", taken.Message);
    }
}
