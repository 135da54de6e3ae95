// POST /v1/score: what may stand in the request.
using System.Text.Json;
using Unroll.Data.Tokens;
using Unroll.Web.Models;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>A text that is to be scored, as its tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Unknown">What those say that the model does not know, one for each id 0.</param>
/// <param name="Counts">Its tokens, characters and bytes; no loss yet.</param>
internal sealed record TextToScore(int[] Ids, IReadOnlyList<string> Unknown, TextScore Counts);

/// <summary>A request for scores.</summary>
/// <param name="Model">Which model.</param>
/// <param name="Texts">Of what, each by itself.</param>
/// <param name="Alternatives">How many of the likeliest tokens are told in each one's place; null = nothing of single tokens.</param>
internal sealed record ScoreQuery(ServedModel Model, IReadOnlyList<TextToScore> Texts, int? Alternatives)
{
    private const int MostAlternatives = 20;

    /// <summary>Reads it.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="models">The models there are.</param>
    /// <param name="limits">What may be asked for.</param>
    public static ScoreQuery Read(JsonFields fields, ServedModels models, ServeOptions limits)
    {
        ServedModel model = ModelChoice.Of(models, fields.Text("model"));
        bool wanted = fields.Flag("tokens");
        int? alternatives = fields.Count("alternatives", 0, MostAlternatives);
        if (alternatives > 0 && !wanted)
            throw fields.Mistake("alternatives", "needs \"tokens\": true");
        var encoder = new TextEncoder(model.Vocabulary, whole: true); // as TextScorer has it
        TextToScore[] texts = [.. Inputs(fields).Select(text => Encode(text, encoder))];
        return Within(new ScoreQuery(model, texts, wanted ? alternatives ?? 0 : null), limits);
    }

    private static string[] Inputs(JsonFields fields) => fields.Take("input") switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > 0 && array.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String)
            => [.. array.EnumerateArray().Select(each => each.GetString()!)],
        _ => throw fields.Mistake("input", "must be a text or an array of texts"),
    };

    private static TextToScore Encode(string text, TextEncoder encoder)
    {
        int[] ids = encoder.Encode(text);
        return new TextToScore(ids, [.. encoder.Unknown], new TextScore(ids.Length, (int)encoder.Characters, (int)encoder.Bytes, encoder.Unknown.Count, 0));
    }

    // What is told counts, too: twenty alternatives a token make twenty-one numbers of one.
    private static ScoreQuery Within(ScoreQuery query, ServeOptions limits)
    {
        int longest = query.Texts.Max(text => text.Ids.Length);
        if (longest > limits.MaxPrompt)
            throw new Refusal(400, "context_length_exceeded", $"A text has {longest} tokens, and at most {limits.MaxPrompt} are taken.") { Field = "input" };
        long numbers = query.Texts.Sum(text => text.Ids.Length + 1L) * (1 + (query.Alternatives ?? 0));
        if (numbers > limits.MaxTokens)
            throw Refusal.OfField("input", $"The request asks for {numbers} numbers in all (a text counts as one more token), and at most {limits.MaxTokens} may be asked for at a time: ask several times.");
        return query;
    }
}
