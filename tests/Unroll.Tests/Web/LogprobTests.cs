using System.Text;
using System.Text.Json;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>What the API says of tokens' probabilities is what the library says.</summary>
public class LogprobTests
{
    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_echoed_prompt_is_measured_as_evaluate_measures_it()
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        string text = Models.Text[..90];
        // As harnesses that measure models ask.
        Answer answer = (await server.CompleteAsync(new System.Text.Json.Nodes.JsonObject { ["prompt"] = new System.Text.Json.Nodes.JsonArray(text), ["max_tokens"] = 1, ["logprobs"] = 1, ["echo"] = true, ["temperature"] = 0, ["seed"] = 1234 })).Succeeded();
        JsonElement logprobs = answer.Json.GetProperty("choices")[0].GetProperty("logprobs");
        JsonElement[] numbers = [.. logprobs.GetProperty("token_logprobs").EnumerateArray()], top = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];
        Assert.Equal((text.Length + 1, text.Length + 1), (numbers.Length, top.Length));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (numbers[0].ValueKind, top[0].ValueKind));
        double loss = 0;
        for (int i = 1; i < text.Length; i++)
            loss -= numbers[i].GetSingle();
        EvaluationResult expected = Evaluator.Evaluate(Model, TextSource.FromString(text), threads: 1);
        Assert.Equal(expected.Loss, loss / (text.Length - 1), 1e-9);
        Assert.Equal(text, string.Concat(logprobs.GetProperty("tokens").EnumerateArray().SkipLast(1).Select(token => token.GetString())));
        // A token is the likeliest where its number is the highest, to the bit.
        using var predictor = new TextPredictor(Model, threads: 1);
        predictor.SetState(new RecurrentState(Model));
        for (int i = 0; i < text.Length; i++)
        {
            if (i > 0)
            {
                TokenPrediction likeliest = predictor.MostLikely(1)[0];
                Assert.Equal(likeliest.LogProbability, top[i].EnumerateObject().Max(entry => entry.Value.GetSingle()));
                Assert.Equal(likeliest.Text == text[i..(i + 1)] ? 1 : 2, top[i].EnumerateObject().Count());
                Assert.Equal(numbers[i].GetSingle(), top[i].GetProperty(text[i..(i + 1)]).GetSingle());
            }
            predictor.Feed(text[i..(i + 1)], Stop);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task A_prompt_alone_may_be_echoed_and_measured(int alternatives)
    {
        await using TestServer server = await TestServer.StartAsync(Model);
        // An emoji is one character, and one that the model does not know.
        Answer answer = (await server.CompleteAsync($"{{'prompt': 'fox 😀 dogs', 'max_tokens': 0, 'echo': true, 'logprobs': {alternatives}}}")).Succeeded();
        Assert.Equal(("fox 😀 dogs", "length"), (answer.Choice, answer.Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        JsonElement logprobs = answer.Json.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(["f", "o", "x", " ", "😀", " ", "d", "o", "g", "s"], logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal(Enumerable.Range(0, 10), logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()));
        Assert.InRange(logprobs.GetProperty("top_logprobs")[3].EnumerateObject().Count(), Math.Max(1, alternatives), alternatives + 1);
        Assert.Equal(0, answer.Json.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        using var predictor = new TextPredictor(Model, threads: 1);
        predictor.SetState(new RecurrentState(Model));
        Assert.Equal(predictor.Score("fox 😀 dogs", Stop).Skip(1).Select(token => token.LogProbability),
            logprobs.GetProperty("token_logprobs").EnumerateArray().Skip(1).Select(number => number.GetSingle()));
    }

    [Fact]
    public async Task Bytes_that_are_no_characters_have_names_of_their_own()
    {
        await using TestServer server = await TestServer.StartAsync(CraftedModel.Spelling("\naé日", new TextOptions { Tokens = TokenKind.Byte }));
        Answer answer = (await server.CompleteAsync("{'prompt': '\\n', 'max_tokens': 6, 'temperature': 0, 'logprobs': 3}")).Succeeded();
        JsonElement logprobs = answer.Json.GetProperty("choices")[0].GetProperty("logprobs");
        string[] names = [.. logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        Assert.Equal("aé日", answer.Choice);
        Assert.Equal(["a", .. Encoding.UTF8.GetBytes("é日").Select(value => $"bytes:\\x{value:x2}")], names);
        Assert.Equal([0, 1, 1, 2, 2, 2], logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()));
        Assert.All(names.Zip(logprobs.GetProperty("top_logprobs").EnumerateArray()), pair => Assert.Equal(3, pair.Second.EnumerateObject().Select(entry => entry.Name).Append(pair.First).Distinct().Count()));
    }

    [Fact]
    public async Task What_cannot_come_at_all_has_a_number_too()
    {
        LanguageModel model = CraftedModel.Constant(0.5, 0.5);
        model.Parameters["decoder.bias"][2] = -1e6f;
        await using TestServer server = await TestServer.StartAsync(model);
        Answer answer = (await server.CompleteAsync("{'prompt': 'ab', 'max_tokens': 1, 'temperature': 0, 'logprobs': 2, 'echo': true}")).Succeeded();
        JsonElement logprobs = answer.Json.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(-9999, logprobs.GetProperty("token_logprobs")[1].GetSingle());
        Assert.Equal(["a", "b"], logprobs.GetProperty("top_logprobs")[1].EnumerateObject().Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_model_of_documents_measures_the_first_token_too()
    {
        LanguageModel model = Models.Create(text: new TextOptions { Documents = DocumentKind.Line });
        await using TestServer server = await TestServer.StartAsync(model);
        Answer answer = (await server.CompleteAsync("{'prompt': 'The quick', 'max_tokens': 0, 'echo': true, 'logprobs': 0}")).Succeeded();
        using var scorer = new TextPredictor(model, threads: 1);
        Assert.Equal(scorer.Score("The quick", Stop).Select(token => token.LogProbability),
            answer.Json.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(number => number.GetSingle()));
    }
}
