// POST /v1/completions: what may stand in the request.
using System.Text.Json;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>Reads a request for completions.</summary>
internal static class CompletionQuery
{
    /// <summary>Tokens, where nobody says how many; and the most of the likeliest ones that are told in each one's place.</summary>
    public const int UsualLength = 16, MostAlternatives = 5;

    private const int MostTried = 20;

    /// <summary>Reads it.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="models">The models there are.</param>
    /// <param name="limits">What may be asked for.</param>
    public static TextQuery Read(JsonFields fields, ServedModels models, ServeOptions limits)
    {
        ServedModel model = ModelChoice.Of(models, fields.Text("model"));
        (bool streams, bool tellsUsage) = SamplingFields.Stream(fields);
        int choices = SamplingFields.Choices(fields);
        if (!string.IsNullOrEmpty(fields.Text("suffix")))
            fields.Unsupported("suffix");
        return StateFields.Read(fields, SamplingFields.Within(
            new TextQuery
            {
                Model = model,
                Prompts = Prompts(fields),
                Options = SamplingFields.Options(fields, fields.Count("max_tokens", 0, int.MaxValue) ?? UsualLength),
                Choices = choices,
                Tried = Tried(fields, choices, streams),
                Echo = fields.Flag("echo"),
                Alternatives = fields.Count("logprobs", 0, MostAlternatives),
                Streams = streams,
                TellsUsage = tellsUsage,
            },
            limits, "max_tokens"));
    }

    private static int Tried(JsonFields fields, int choices, bool streams)
    {
        if (fields.Count("best_of", 0, MostTried) is not { } tried)
            return choices;
        if (tried < choices)
            throw fields.Mistake("best_of", $"must be at least n, which is {choices}");
        return !streams || tried == choices ? tried : throw fields.Mistake("best_of", "compares whole texts: it cannot be more than n in a stream");
    }

    private static Prompt[] Prompts(JsonFields fields)
    {
        if (fields.Take("prompt") is not { } value)
            return [new Prompt("")]; // the model begins by itself
        if (value.ValueKind == JsonValueKind.String)
            return [new Prompt(value.GetString()!)];
        JsonElement[] parts = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
        if (parts.Length == 0)
            throw Wrong(fields);
        return parts[0].ValueKind switch
        {
            JsonValueKind.String => [.. parts.Select(part => part.ValueKind == JsonValueKind.String ? new Prompt(part.GetString()!) : throw Wrong(fields))],
            JsonValueKind.Array => [.. parts.Select(part => part.ValueKind == JsonValueKind.Array ? new Prompt("", Ids(part, fields)) : throw Wrong(fields))],
            _ => [new Prompt("", Ids(value, fields))],
        };
    }

    private static int[] Ids(JsonElement array, JsonFields fields) =>
        [.. array.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) ? number : throw Wrong(fields))];

    private static Exception Wrong(JsonFields fields) =>
        fields.Mistake("prompt", "must be a text, an array of texts, an array of tokens' ids, or an array of such arrays, and none empty");
}
