using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>The requests that lm-evaluation-harness makes of a model behind <c>local-completions</c>, without a tokenizer of its own.</summary>
public class HarnessTests
{
    private const int BatchSize = 4;

    public static TheoryData<TokenKind> Kinds => new() { TokenKind.Character, TokenKind.Word, TokenKind.Byte };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_loss_of_a_text_is_that_of_evaluate(TokenKind kind)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = kind });
        await using TestServer server = await TestServer.StartAsync(model);
        string text = Models.Text + Models.Text[20..70];
        int[] ids = await TokenizeAsync(server, text);
        Answer joined = (await SendAsync(server, "/detokenize", new JsonObject { ["tokens"] = Array(ids) })).Succeeded();
        Assert.Equal(model.Vocabulary.Decode(ids), joined.Json.GetProperty("prompt").GetString());
        // A rolling log-likelihood: the same tokens again as context, others as what is measured, a batch of them a request.
        const int Stretch = 9;
        List<int> ends = [.. Enumerable.Range(1, (ids.Length - 1) / Stretch).Select(i => i * Stretch + 1), ids.Length];
        (int Context, int End)[] windows = [.. ends.Distinct().Select((end, i) => (i == 0 ? 1 : ends[i - 1], end))];
        double loss = 0;
        foreach ((int Context, int End)[] batch in windows.Chunk(BatchSize))
            loss -= (await LikelihoodsAsync(server, [.. batch.Select(window => ids[..window.End])], [.. batch.Select(window => window.Context)])).Sum(each => each.Sum);
        EvaluationResult expected = Evaluator.Evaluate(model, TextSource.FromString(text), threads: 1);
        Assert.Equal(expected.Loss, loss / (ids.Length - 1), 1e-6);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task A_choice_is_greedy_where_it_is_the_likeliest()
    {
        LanguageModel model = Models.Create();
        await using TestServer server = await TestServer.StartAsync(model);
        using var generator = new TextGenerator(model, threads: 1);
        string likeliest = generator.Generate("The quick", 6)["The quick".Length..];
        int[] context = await TokenizeAsync(server, "The quick"), first = await TokenizeAsync(server, likeliest), second = await TokenizeAsync(server, "zzzzzz");
        (double Sum, bool IsGreedy)[] choices = await LikelihoodsAsync(server, [[.. context, .. first], [.. context, .. second]], [context.Length, context.Length]);
        Assert.Equal((true, false), (choices[0].IsGreedy, choices[1].IsGreedy));
        Assert.True(choices[0].Sum > choices[1].Sum);
    }

    private static async Task<int[]> TokenizeAsync(TestServer server, string text)
    {
        JsonElement info = (await server.GetAsync("/tokenizer_info")).Succeeded().Json;
        Assert.True(info.TryGetProperty("eos_token", out _));
        Answer answer = (await SendAsync(server, "/tokenize", new JsonObject { ["prompt"] = text, ["add_special_tokens"] = false })).Succeeded();
        return [.. answer.Json.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32())];
    }

    // As the harness parses an answer: from where the context ends to the one token that had to be produced.
    private static async Task<(double Sum, bool IsGreedy)[]> LikelihoodsAsync(TestServer server, int[][] prompts, int[] contexts)
    {
        Answer answer = (await SendAsync(server, "/v1/completions", new JsonObject
        {
            ["model"] = TestServer.ModelId,
            ["prompt"] = new JsonArray([.. prompts.Select(Array)]),
            ["temperature"] = 0,
            ["max_tokens"] = 1,
            ["logprobs"] = 1,
            ["seed"] = 1234,
            ["echo"] = true,
        })).Succeeded();
        JsonElement[] choices = [.. answer.Json.GetProperty("choices").EnumerateArray().OrderBy(choice => choice.GetProperty("index").GetInt32())];
        Assert.Equal(prompts.Length, choices.Length);
        return [.. choices.Zip(contexts, (choice, context) =>
        {
            JsonElement logprobs = choice.GetProperty("logprobs");
            float[] tokens = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().ToArray()[context..^1].Select(each => each.GetSingle())];
            float[] top = [.. logprobs.GetProperty("top_logprobs").EnumerateArray().ToArray()[context..^1].Select(each => each.EnumerateObject().Max(entry => entry.Value.GetSingle()))];
            return (tokens.Sum(each => (double)each), tokens.SequenceEqual(top));
        })];
    }

    private static JsonArray Array(int[] ids) => [.. ids.Select(id => JsonValue.Create(id))];

    private static Task<Answer> SendAsync(TestServer server, string path, JsonObject json) =>
        server.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json.ToJsonString(), System.Text.Encoding.UTF8, "application/json") });
}
