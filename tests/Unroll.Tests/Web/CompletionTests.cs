using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>POST /v1/completions, through a real server and a real client.</summary>
public class CompletionTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_is_the_one_that_TextGenerator_writes()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using var alone = new TextGenerator(Model, threads: 1);
        Answer answer = (await server.CompleteAsync("{'model': 'tiny', 'prompt': 'The quick', 'max_tokens': 80, 'seed': 7, 'n': 3, 'top_k': 9, 'min_p': 0.01, 'repetition_penalty': 1.2, "
            + "'presence_penalty': 0.3, 'frequency_penalty': 0.1, 'logit_bias': {'3': 1.5}, 'temperature': 0.9, 'top_p': 0.95}")).Succeeded();
        var options = new GenerationOptions
        {
            Length = 80,
            Seed = 7,
            TopK = 9,
            MinP = 0.01,
            RepetitionPenalty = 1.2,
            PresencePenalty = 0.3,
            FrequencyPenalty = 0.1,
            Temperature = 0.9,
            TopP = 0.95,
            LogitBias = new Dictionary<int, double> { [3] = 1.5 },
        };
        JsonElement[] choices = [.. answer.Json.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(alone.Generate("The quick", options with { Sample = (ulong)i }, Stop).Text, choices[i].GetProperty("text").GetString());
            Assert.Equal("length", choices[i].GetProperty("finish_reason").GetString());
            Assert.Equal(JsonValueKind.Null, choices[i].GetProperty("logprobs").ValueKind);
        }
        Assert.Equal(["id", "object", "created", "model", "system_fingerprint", "choices", "usage", "seed"], answer.Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("text_completion", "tiny", 7), (answer.Json.GetProperty("object").GetString(), answer.Json.GetProperty("model").GetString(), answer.Json.GetProperty("seed").GetInt32()));
        Assert.StartsWith("cmpl-", answer.Json.GetProperty("id").GetString());
        Assert.Equal($"fp_{Model.Fingerprint()[..16]}", answer.Json.GetProperty("system_fingerprint").GetString());
        Assert.Equal("""{"prompt_tokens":9,"completion_tokens":240,"total_tokens":249,"prompt_tokens_details":{"cached_tokens":0}}""", answer.Json.GetProperty("usage").GetRawText());
        Assert.StartsWith("req_", answer.Headers.GetValues("X-Request-Id").Single());
        // The same prompt again need not be read again.
        Answer again = (await server.CompleteAsync("{'prompt': 'The quick', 'max_tokens': 1}")).Succeeded();
        Assert.Equal(9, again.Json.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public async Task Without_a_seed_one_is_told_that_gives_the_text_again()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        Answer first = (await server.CompleteAsync("{'prompt': 'dogs', 'max_tokens': 60, 'seed': null}")).Succeeded();
        Answer other = (await server.CompleteAsync("{'prompt': 'dogs', 'max_tokens': 60}")).Succeeded();
        Assert.NotEqual(first.Choice, other.Choice);
        Answer again = (await server.CompleteAsync($"{{'prompt': 'dogs', 'max_tokens': 60, 'seed': {first.Json.GetProperty("seed").GetInt64()}}}")).Succeeded();
        Assert.Equal(first.Choice, again.Choice);
        Answer negative = (await server.CompleteAsync($"{{'prompt': 'dogs', 'max_tokens': 60, 'seed': {long.MinValue}}}")).Succeeded();
        Assert.Equal(long.MinValue, negative.Json.GetProperty("seed").GetInt64());
    }

    [Fact]
    public async Task Sixteen_tokens_are_usual_and_zero_temperature_is_greedy()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using var alone = new TextGenerator(Model, threads: 1);
        Assert.Equal(alone.Generate("fox", 16)["fox".Length..], (await server.CompleteAsync("{'prompt': 'fox', 'temperature': 0, 'user': 'me'}")).Succeeded().Choice);
        Assert.Equal(alone.Generate("fox", 16)["fox".Length..], (await server.CompleteAsync("{'prompt': 'fox', 'top_p': 0}")).Succeeded().Choice);
        Assert.Equal(alone.Generate("", 16), (await server.CompleteAsync("{'temperature': 0}")).Succeeded().Choice);
        Assert.Equal(alone.Generate("", 16), (await server.CompleteAsync("{'prompt': '', 'temperature': 0.0, 'max_tokens': 16.0, 'top_k': -1}")).Succeeded().Choice);
    }

    [Fact]
    public async Task Prompts_may_be_many_and_may_be_tokens()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        using var alone = new TextGenerator(Model, threads: 1);
        string[] prompts = ["fox", "lazy dogs", "some letters"];
        string[] expected = [.. prompts.Select(prompt => alone.Generate(prompt, 16)[prompt.Length..])];
        JsonArray texts = [.. prompts.Select(prompt => JsonValue.Create(prompt))], ids = [.. prompts.Select(prompt => new JsonArray([.. Model.Vocabulary.Encode(prompt).Select(id => JsonValue.Create(id))]))];
        foreach (JsonArray list in (JsonArray[])[texts, ids])
        {
            Answer answer = (await server.CompleteAsync(new JsonObject { ["prompt"] = list.DeepClone(), ["temperature"] = 0 })).Succeeded();
            Assert.Equal(expected, answer.Json.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
            Assert.Equal([0, 1, 2], answer.Json.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
            Assert.Equal(prompts.Sum(prompt => prompt.Length), answer.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        }
        Answer one = (await server.CompleteAsync(new JsonObject { ["prompt"] = ids[1]!.DeepClone(), ["temperature"] = 0, ["echo"] = true })).Succeeded();
        Assert.Equal(prompts[1] + expected[1], one.Choice);
    }

    [Fact]
    public async Task The_best_of_several_are_those_with_the_likeliest_tokens()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        string all = "{'prompt': ['The ', 'fox'], 'max_tokens': 12, 'seed': 3, 'logprobs': 0, ";
        JsonElement[] tried = [.. (await server.CompleteAsync(all + "'n': 6}")).Succeeded().Json.GetProperty("choices").EnumerateArray()];
        Answer best = (await server.CompleteAsync(all + "'n': 2, 'best_of': 6}")).Succeeded();
        string?[] expected = [.. tried.Chunk(6).SelectMany(ofPrompt => ofPrompt.OrderByDescending(choice =>
            choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(number => number.GetSingle())).Take(2)).Select(choice => choice.GetProperty("text").GetString())];
        Assert.Equal(expected, best.Json.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal([0, 1, 2, 3], best.Json.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(2 * 6 * 12, best.Json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_stop_text_is_left_out_and_ends_the_text()
    {
        // A model that spells this after a line break, over and over.
        await using TestServer server = await TestServer.StartAsync(CraftedModel.Spelling("\nhelo wrd"));
        foreach ((string stop, string expected, string reason) in ((string, string, string)[])[("'wr'", "helo ", "stop"), ("['x', 'o w', 'r']", "hel", "stop"), ("['d!']", "helo wrd", "length"), ("null", "helo wrd", "length")])
        {
            Answer answer = (await server.CompleteAsync($"{{'prompt': '\\n', 'max_tokens': 8, 'temperature': 0, 'stop': {stop}}}")).Succeeded();
            Assert.Equal((expected, reason), (answer.Choice, answer.Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        }
    }

    [Fact]
    public async Task Letters_of_all_scripts_come_as_they_are()
    {
        await using TestServer server = await TestServer.StartAsync(CraftedModel.Spelling("\n日本é😀<&"));
        Answer answer = (await server.CompleteAsync("{'prompt': '\\n', 'max_tokens': 6, 'temperature': 0}")).Succeeded();
        Assert.Equal("日本é😀<&", answer.Choice);
        Assert.Contains("日本é", answer.Text);
        Assert.Contains("<&", answer.Text);
    }
}
