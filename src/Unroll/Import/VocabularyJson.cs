// A vocabulary in JSON, in one of the two forms that people keep it in: ["a", "b"], or {"a": 0, "b": 1} as Hugging Face's vocab.json.
using System.Text;
using System.Text.Json;
using Unroll.Checkpoints;
using Unroll.Options;

namespace Unroll.Import;

/// <summary>Reads vocabularies and trusts nothing in them.</summary>
internal static class VocabularyJson
{
    private const string Complaint = "it is neither a JSON array of tokens nor a JSON object that gives each token its id";

    /// <summary>The tokens in the order of their ids, from a file or from metadata; null where there is neither.</summary>
    public static string[]? Find(IReadOnlyDictionary<string, string> metadata, string? path)
    {
        if (path is not null)
            return CheckpointReader.Open(path, Read, "vocabulary");
        foreach (string key in (ReadOnlySpan<string>)["vocabulary", "vocab"])
        {
            if (metadata.TryGetValue(key, out string? json))
                return CheckpointReader.Explain($"What the file's metadata has under \"{key}\"", () => Read(Encoding.UTF8.GetBytes(json)), "vocabulary");
        }
        return null;
    }

    private static string[] Read(FileStream file)
    {
        if (file.Length > SafetensorsHeader.MaximumLength)
            throw new UnusableFileException($"it has {file.Length} bytes, and the most is {SafetensorsHeader.MaximumLength}");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return Read(bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0));
    }

    private static string[] Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Array => [.. document.RootElement.EnumerateArray().Select(element => element.GetString() ?? throw new UnusableFileException(Complaint))],
                JsonValueKind.Object => Ordered(document.RootElement),
                _ => throw new UnusableFileException(Complaint),
            };
        }
        // The platform throws the second where an escape is half a surrogate pair, or where an element is no string.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UnusableFileException(Complaint);
        }
    }

    private static string[] Ordered(JsonElement ids)
    {
        int count = ids.GetPropertyCount();
        string?[] tokens = new string?[count];
        foreach (JsonProperty entry in ids.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id))
                throw new UnusableFileException(Complaint);
            if (id < 0 || id >= count)
                throw new UnusableFileException($"of its {count} tokens {Quoted.Text(entry.Name)} has the id {id}, and ids go from 0 to {count - 1} without a gap");
            if (tokens[id] is { } other)
                throw new UnusableFileException($"{Quoted.Text(other)} and {Quoted.Text(entry.Name)} have the same id, {id}");
            tokens[id] = entry.Name;
        }
        return tokens!;
    }
}
