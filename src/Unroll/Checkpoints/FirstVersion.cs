// Files of Unroll 0.1 (version 1 of the format): the same tensors, some words elsewhere. Their metadata are put into today's
// words before anything looks at them; what is wrong in them is left for today's reader to tell.
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Checkpoints;

/// <summary>Turns metadata of version 1 into today's.</summary>
internal static class FirstVersion
{
    /// <summary>The metadata as today's Unroll would have written them.</summary>
    public static Dictionary<string, string> Upgrade(IReadOnlyDictionary<string, string> entries)
    {
        var upgraded = new Dictionary<string, string>(entries);
        JsonNode? dropout = null;
        var corpus = new JsonObject();
        Edit("options", options =>
        {
            dropout = Take(options, "dropout");
            if (Take(options, "bias") is { } bias)
                options["biases"] = bias is JsonValue value && value.TryGetValue(out string? word) && word is "double" or "single"
                    ? word == "double" ? "two" : "one"
                    : bias;
        });
        Edit("text", text =>
        {
            foreach (string name in (ReadOnlySpan<string>)["maxTokens", "minCount", "validation"])
            {
                if (Take(text, name) is { } value)
                    corpus[name] = value;
            }
        });
        Edit("summary", summary =>
        {
            if (Take(summary, "text") is { } fingerprint)
                summary["fingerprint"] = fingerprint;
            if (Take(summary, "options") is not { } options)
                return;
            summary["corpus"] = corpus;
            summary["training"] = options is JsonValue value && value.TryGetValue(out string? json) && Parse(json) is { } training
                ? Training(training)
                : options;
        });
        return upgraded;

        void Edit(string key, Action<JsonObject> edit)
        {
            if (!entries.TryGetValue(key, out string? json) || Parse(json) is not { } record)
                return;
            try
            {
                edit(record);
                upgraded[key] = record.ToJsonString();
            }
            // The platform throws them where a text holds half a surrogate pair.
            catch (Exception e) when (e is InvalidOperationException or ArgumentException)
            {
            }
        }

        JsonObject Training(JsonObject training)
        {
            if (Take(training, "steps") is { } steps)
                training["sequenceLength"] = steps;
            if (dropout is not null)
                training["dropout"] = dropout;
            return training;
        }
    }

    private static JsonNode? Take(JsonObject record, string name)
    {
        JsonNode? value = record[name];
        record.Remove(name);
        return value;
    }

    private static JsonObject? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
