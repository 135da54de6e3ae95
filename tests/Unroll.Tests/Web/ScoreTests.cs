using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>POST /v1/score says what <see cref="TextScorer"/> says.</summary>
public class ScoreTests
{
    private static readonly string[] Texts = ["The quick brown fox", "", "jumps over 12 lazy dogs", "fox 😀 dogs", "zzzz", .. Models.Text.Split('\n'), new string('o', 300)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<TokenKind, DocumentKind> Kinds => new()
    {
        { TokenKind.Character, DocumentKind.None }, { TokenKind.Word, DocumentKind.None }, { TokenKind.Byte, DocumentKind.None }, { TokenKind.Character, DocumentKind.Line },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Scores_are_those_of_the_library_to_the_bit(TokenKind tokens, DocumentKind documents)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = tokens, Documents = documents });
        await using TestServer server = await TestServer.StartAsync(model);
        Answer answer = await ScoreAsync(server, Texts);
        using var scorer = new TextScorer(model, threads: 1);
        JsonElement[] data = [.. answer.Json.GetProperty("data").EnumerateArray()];
        Assert.Equal(Texts.Length, data.Length);
        foreach ((JsonElement score, (TextScore expected, int index)) in data.Zip(scorer.Score(Texts, cancellationToken: Stop).Select((each, i) => (each, i))))
        {
            Assert.Equal(index, score.GetProperty("index").GetInt32());
            Assert.Equal((expected.Tokens, expected.Characters, expected.Bytes, expected.Unknown),
                (Number(score, "tokens"), Number(score, "characters"), Number(score, "bytes"), Number(score, "unknown")));
            foreach ((string name, double value) in ((string, double)[])[("loss", expected.Loss), ("bits", expected.Bits), ("bits_per_token", expected.BitsPerToken),
                ("bits_per_character", expected.BitsPerCharacter), ("bits_per_byte", expected.BitsPerByte), ("excess_bits", expected.ExcessBits), ("oddness", expected.Oddness)])
                Assert.Equal(value, score.GetProperty(name).GetDouble());
            Assert.Equal(JsonValueKind.Null, score.GetProperty("logprobs").ValueKind);
        }

        static int Number(JsonElement score, string name) => score.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Tokens_are_told_with_the_likeliest_in_their_places()
    {
        LanguageModel model = Models.Create();
        await using TestServer server = await TestServer.StartAsync(model);
        Answer answer = (await server.PostAsync("/v1/score", "{'model': 'tiny', 'input': 'a 😀 fox', 'tokens': true, 'alternatives': 20}")).Succeeded();
        JsonElement logprobs = answer.Json.GetProperty("data")[0].GetProperty("logprobs");
        using var predictor = new TextPredictor(model, threads: 1);
        Assert.Equal(predictor.Score("a 😀 fox", Stop).Select(token => token.LogProbability), logprobs.GetProperty("token_logprobs").EnumerateArray().Select(each => each.GetSingle()));
        Assert.Equal(["a", " ", "😀", " ", "f", "o", "x"], logprobs.GetProperty("tokens").EnumerateArray().Select(each => each.GetString()));
        Assert.Equal(Enumerable.Range(0, 7), logprobs.GetProperty("text_offset").EnumerateArray().Select(each => each.GetInt32()));
        Assert.All(logprobs.GetProperty("top_logprobs").EnumerateArray(), top => Assert.InRange(top.EnumerateObject().Count(), 20, 21));
        Assert.Equal("""{"prompt_tokens":7,"completion_tokens":0,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":0}}""", answer.Json.GetProperty("usage").GetRawText());
        Answer alone = (await server.PostAsync("/v1/score", "{'input': 'a fox', 'tokens': true}")).Succeeded();
        Assert.All(alone.Json.GetProperty("data")[0].GetProperty("logprobs").GetProperty("top_logprobs").EnumerateArray(), top => Assert.Single(top.EnumerateObject()));
    }

    [Fact]
    public async Task A_line_with_its_break_is_what_evaluate_shows_line_by_line()
    {
        LanguageModel model = Models.Create();
        await using TestServer server = await TestServer.StartAsync(model);
        using var scorer = new TextScorer(model, threads: 1);
        double[] expected = [.. scorer.ScoreLines(TextSource.FromString(Models.Text), cancellationToken: Stop).Select(line => line.Score.Oddness)];
        Answer answer = await ScoreAsync(server, [.. Models.Text.TrimEnd('\n').Split('\n').Select(line => line + '\n')]);
        Assert.Equal(expected, answer.Json.GetProperty("data").EnumerateArray().Select(score => score.GetProperty("oddness").GetDouble()));
    }

    [Fact]
    public async Task What_cannot_come_at_all_has_a_score_too()
    {
        LanguageModel model = CraftedModel.Constant(0.5, 0.25, 0.25);
        model.Parameters["decoder.bias"][2] = -3e38f;
        await using TestServer server = await TestServer.StartAsync(model);
        JsonElement score = (await ScoreAsync(server, ["ab"])).Json.GetProperty("data")[0];
        Assert.InRange(score.GetProperty("loss").GetDouble(), 4999, 5001);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Many_texts_go_one_after_another_through_few_slots(int slots)
    {
        LanguageModel model = Models.Create();
        await using TestServer server = await TestServer.StartAsync(model, new ServeOptions { Slots = slots, Queue = 0 });
        string[] lines = [.. Enumerable.Range(0, 500).Select(i => $"line {i}")];
        Answer answer = await ScoreAsync(server, lines);
        using var scorer = new TextScorer(model, threads: 1);
        Assert.Equal(scorer.Score(lines, cancellationToken: Stop).Select(score => score.Bits), answer.Json.GetProperty("data").EnumerateArray().Select(score => score.GetProperty("bits").GetDouble()));
        Assert.Equal(0, server.Figures.Active);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_by_name()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create(), new ServeOptions { MaxPrompt = 20, MaxTokens = 100, Slots = 1, Queue = 0 });
        foreach ((string json, string field) in ((string, string)[])
        [
            ("{}", "input"), ("{'input': []}", "input"), ("{'input': 3}", "input"), ("{'input': ['a', 3]}", "input"), ("{'input': 'a', 'alternatives': 3}", "alternatives"),
            ("{'input': 'a', 'tokens': true, 'alternatives': 21}", "alternatives"), ("{'input': 'a', 'tokens': 1}", "tokens"), ("{'input': 'a', 'prompt': 'a'}", "prompt"),
            ("{'input': 'aaaaaaaaaaaaaaaaaaaaaaaa'}", "input"), ("{'input': 'aaaaaaaaaaaa', 'tokens': true, 'alternatives': 9}", "input"), ("{'input': ['', 'a', 3]}", "input"),
        ])
            (await server.PostAsync("/v1/score", json)).Refused(HttpStatusCode.BadRequest, field);
        (await server.PostAsync("/v1/score", "{'input': 'a', 'model': 'other'}")).Refused(HttpStatusCode.NotFound, "model", "model_not_found");
        string many = $"{{'input': [{string.Join(',', Enumerable.Repeat("''", 101))}]}}";
        Assert.Contains("ask several times", (await server.PostAsync("/v1/score", many)).Refused(HttpStatusCode.BadRequest, "input"));
        Assert.Empty(server.Failures);
    }

    private static async Task<Answer> ScoreAsync(TestServer server, string[] texts)
    {
        var json = new JsonObject { ["input"] = new JsonArray([.. texts.Select(text => JsonValue.Create(text))]) };
        return (await server.PostAsync("/v1/score", json.ToJsonString())).Succeeded();
    }
}
