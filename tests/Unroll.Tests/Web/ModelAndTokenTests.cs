using System.Net;
using System.Text.Json;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Which models there are, and their tokens.</summary>
public class ModelAndTokenTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_models_are_served_side_by_side()
    {
        using var folder = new TemporaryFolder();
        LanguageModel first = Models.Create(), second = Models.Create(CellKind.Gru);
        first.Save(folder["first.safetensors"]);
        second.Save(folder["second one.safetensors"]);
        await using WebServer server = await WebServer.StartAsync(
            new ServeOptions { Port = 0 }, [new(folder["first.safetensors"]), new(folder["second one.safetensors"]), new(folder["first.safetensors"]) { Id = "third" }], cancellationToken: Stop);
        Assert.Equal(["first", "second one", "third"], server.Models);
        using var client = new HttpClient { BaseAddress = server.Address };
        JsonElement list = JsonDocument.Parse(await client.GetStringAsync("/v1/models", Stop)).RootElement;
        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["first", "second one", "third"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        JsonElement one = JsonDocument.Parse(await client.GetStringAsync("/v1/models/second%20one", Stop)).RootElement;
        Assert.Equal(["id", "object", "created", "owned_by"], one.EnumerateObject().Select(property => property.Name));
        Assert.Equal(new DateTimeOffset(File.GetLastWriteTimeUtc(folder["second one.safetensors"])).ToUnixTimeSeconds(), one.GetProperty("created").GetInt64());
        foreach ((string id, LanguageModel model) in ((string, LanguageModel)[])[("first", first), ("second one", second), ("third", first)])
        {
            using HttpResponseMessage response = await client.SendAsync(TestServer.Post("/v1/completions", $"{{'model': '{id}', 'prompt': 'fox', 'temperature': 0}}"), Stop);
            using var alone = new TextGenerator(model, threads: 1);
            Assert.Equal(alone.Generate("fox", 16)["fox".Length..], JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("choices")[0].GetProperty("text").GetString());
        }
        // Which one is meant, nobody can guess.
        using HttpResponseMessage unclear = await client.SendAsync(TestServer.Post("/v1/completions", "{'prompt': 'fox'}"), Stop);
        Assert.Equal(HttpStatusCode.BadRequest, unclear.StatusCode);
        Assert.Contains("first, second one, third", await unclear.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Texts_become_tokens_and_texts_again()
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = TokenKind.Byte });
        await using TestServer server = await TestServer.StartAsync(model);
        Answer tokens = (await server.PostAsync("/tokenize", "{'model': 'tiny', 'prompt': 'fox é', 'add_special_tokens': true}")).Succeeded();
        Assert.Equal(model.Vocabulary.Encode("fox é"), tokens.Json.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(6, tokens.Json.GetProperty("count").GetInt32());
        Answer text = (await server.PostAsync("/detokenize", $"{{'tokens': {tokens.Json.GetProperty("tokens").GetRawText()}}}")).Succeeded();
        Assert.Equal("""{"prompt":"fox é"}""", text.Text);
        Assert.Equal("""{"prompt":""}""", (await server.PostAsync("/detokenize", "{'tokens': []}")).Succeeded().Text);
        foreach ((string path, string field, string fields) in ((string, string, string)[])
        [
            ("/tokenize", "prompt", ""), ("/tokenize", "prompt", "'prompt': ['a']"), ("/tokenize", "x", "'prompt': 'a', 'x': 1"), ("/tokenize", "add_special_tokens", "'prompt': 'a', 'add_special_tokens': 1"),
            ("/detokenize", "tokens", ""), ("/detokenize", "tokens", "'tokens': 'a'"), ("/detokenize", "tokens", "'tokens': [257]"), ("/detokenize", "tokens", "'tokens': [-1]"), ("/detokenize", "tokens", "'tokens': [0.5]"),
        ])
            (await server.PostAsync(path, $"{{{fields}}}")).Refused(HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData(DocumentKind.None, null)]
    [InlineData(DocumentKind.Line, "<end>")]
    public async Task Harnesses_are_told_what_the_tokens_are(DocumentKind documents, string? end)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Documents = documents });
        await using TestServer server = await TestServer.StartAsync(model);
        JsonElement info = (await server.GetAsync("/tokenizer_info")).Succeeded().Json;
        Assert.Equal((end, "<unk>", model.Vocabulary.Count), (info.GetProperty("eos_token").GetString(), info.GetProperty("unk_token").GetString(), info.GetProperty("vocab_size").GetInt32()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (info.GetProperty("bos_token").ValueKind, info.GetProperty("chat_template").ValueKind));
        (await server.GetAsync("/tokenizer_info?model=tiny")).Succeeded();
        (await server.GetAsync("/tokenizer_info?model=other")).Refused(HttpStatusCode.NotFound, "model", "model_not_found");
        Assert.Equal("""{"status":"ok"}""", (await server.GetAsync("/health")).Succeeded().Text);
    }
}
