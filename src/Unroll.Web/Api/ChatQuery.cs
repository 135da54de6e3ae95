// POST /v1/chat/completions: what may stand in the request. A model of a text knows no roles, so the template is the plainest there is:
// what all have said, one below the other, which the model continues.
using System.Text.Json;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>Reads a request for chat completions.</summary>
internal static class ChatQuery
{
    private const int UsualLength = 256, MostAlternatives = 20;

    private static readonly string[] Roles = ["system", "developer", "user", "assistant"];

    /// <summary>Reads it.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="models">The models there are.</param>
    /// <param name="limits">What may be asked for.</param>
    public static TextQuery Read(JsonFields fields, ServedModels models, ServeOptions limits)
    {
        ServedModel model = ModelChoice.Of(models, fields.Text("model"));
        (bool streams, bool tellsUsage) = SamplingFields.Stream(fields);
        int choices = SamplingFields.Choices(fields);
        fields.Unsupported("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "modalities", "audio", "prediction", "reasoning_effort",
            "web_search_options", "service_tier", "store", "metadata", "verbosity");
        CheckFormat(fields);
        string lengthField = fields.Take("max_completion_tokens") is null ? "max_tokens" : "max_completion_tokens";
        int length = fields.Count(lengthField, 0, int.MaxValue) ?? UsualLength;
        if (fields.Take("max_tokens") is not null && lengthField != "max_tokens")
            throw fields.Mistake("max_tokens", "means the same as max_completion_tokens: give one of them");
        return SamplingFields.Within(
            new TextQuery
            {
                Model = model,
                Prompts = [new Prompt(string.Join('\n', Messages(fields)))],
                Options = SamplingFields.Options(fields, length),
                Choices = choices,
                Tried = choices,
                Alternatives = Alternatives(fields),
                Streams = streams,
                TellsUsage = tellsUsage,
            },
            limits, lengthField);
    }

    private static int? Alternatives(JsonFields fields)
    {
        bool wanted = fields.Flag("logprobs");
        int? alternatives = fields.Count("top_logprobs", 0, MostAlternatives);
        if (alternatives is not null && !wanted)
            throw fields.Mistake("top_logprobs", "needs \"logprobs\": true");
        return wanted ? alternatives ?? 0 : null;
    }

    private static void CheckFormat(JsonFields fields)
    {
        if (fields.Take("response_format") is not { } value)
            return;
        var format = new JsonFields(value, "response_format");
        if (format.Text("type") != "text")
            fields.Unsupported("response_format");
        format.End();
    }

    private static string[] Messages(JsonFields fields) => fields.Take("messages") is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0
        ? [.. array.EnumerateArray().Select((message, i) => Content(new JsonFields(message, $"messages[{i}]")))]
        : throw fields.Mistake("messages", "must be an array of messages, one at least");

    private static string Content(JsonFields message)
    {
        if (message.Text("role") is not { } role || !Roles.Contains(role))
            throw message.Mistake("role", $"must be {string.Join(", ", Roles[..^1])} or {Roles[^1]}");
        string content = message.Take("content") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray().Select((part, i) => Part(new JsonFields(part, message.NameOf($"content[{i}]"))))),
            _ => throw message.Mistake("content", "must be a text or an array of parts that are texts"),
        };
        message.Unsupported("name", "refusal", "audio", "tool_calls", "function_call");
        message.End();
        return content;
    }

    private static string Part(JsonFields part)
    {
        if (part.Text("type") != "text")
            throw part.Mistake("type", "must be \"text\": this server knows nothing else");
        string text = part.Text("text") ?? throw part.Mistake("text", "is missing");
        part.End();
        return text;
    }
}
