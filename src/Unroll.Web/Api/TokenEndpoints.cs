// POST /tokenize and /detokenize, GET /tokenizer_info: what harnesses that measure models ask, so that they need no tokenizer of their own.
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>A text as tokens.</summary>
internal sealed record TokensJson(IReadOnlyList<int> Tokens, int Count);

/// <summary>Tokens as a text.</summary>
internal sealed record PromptJson(string Prompt);

/// <summary>How texts become tokens.</summary>
/// <param name="EosToken">What ends a document; null where a text has no end of its own.</param>
internal sealed record TokenizerJson(string TokenizerClass, int VocabSize, string UnkToken, string? BosToken, string? EosToken, string? PadToken, string? ChatTemplate);

/// <summary>Splits texts into tokens, and joins them.</summary>
internal sealed class TokenEndpoints(ServedModels models)
{
    /// <summary>The tokens of a text.</summary>
    public async Task Tokenize(HttpContext context)
    {
        int[] tokens = await JsonBody.ReadAsync(context, fields =>
        {
            Vocabulary vocabulary = ModelChoice.Of(models, fields.Text("model")).Vocabulary;
            fields.Flag("add_special_tokens"); // there are none to be added: what begins a text is the model's business
            return vocabulary.Encode(fields.Text("prompt") ?? throw fields.Mistake("prompt", "is missing"));
        });
        await JsonAnswer.WriteAsync(context, new TokensJson(tokens, tokens.Length), ApiJson.Readable.TokensJson);
    }

    /// <summary>The text of tokens.</summary>
    public async Task Detokenize(HttpContext context)
    {
        string text = await JsonBody.ReadAsync(context, fields =>
        {
            Vocabulary vocabulary = ModelChoice.Of(models, fields.Text("model")).Vocabulary;
            return fields.Take("tokens") is { ValueKind: JsonValueKind.Array } array
                ? vocabulary.Decode([.. array.EnumerateArray().Select(each => IdOf(each, vocabulary, fields))])
                : throw fields.Mistake("tokens", "must be an array of tokens' ids");
        });
        await JsonAnswer.WriteAsync(context, new PromptJson(text), ApiJson.Readable.PromptJson);
    }

    /// <summary>What they are.</summary>
    public Task Show(HttpContext context)
    {
        string? id = context.Request.Query["model"];
        Vocabulary vocabulary = ModelChoice.Of(models, id).Vocabulary;
        string? end = vocabulary.EndId is { } mark ? vocabulary[mark] : null;
        return JsonAnswer.WriteAsync(context, new TokenizerJson(
            $"unroll/{vocabulary.Text.Tokens.ToString().ToLowerInvariant()}", vocabulary.Count, Vocabulary.UnknownToken, null, end, null, null), ApiJson.Readable.TokenizerJson);
    }

    private static int IdOf(JsonElement each, Vocabulary vocabulary, JsonFields fields) =>
        each.ValueKind == JsonValueKind.Number && each.TryGetInt32(out int id) && (uint)id < (uint)vocabulary.Count
            ? id : throw fields.Mistake("tokens", $"must be ids from 0 to {vocabulary.Count - 1}");
}
