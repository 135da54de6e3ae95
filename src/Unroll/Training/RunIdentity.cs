// Whether a file's run and the run that is asked for are the same one: same model, same text, same options. Differences
// are told under the command line's names.
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Unroll.Checkpoints;

namespace Unroll.Training;

/// <summary>What makes two runs the same run.</summary>
internal sealed class RunIdentity(LanguageModel model, Corpus corpus, TrainingOptions options)
{
    /// <summary>The training options as kept in a model file.</summary>
    public string OptionsJson { get; } = JsonSerializer.Serialize(options, TrainingJson.Default.TrainingOptions);

    /// <summary>The text's fingerprint as kept in a model file.</summary>
    public string Text { get; } = corpus.Fingerprint;

    /// <summary>How a file's run differs from this one, such as "--lr was 0.002, now 0.01"; empty where it does not.</summary>
    public IReadOnlyList<string> Differences(Checkpoint checkpoint)
    {
        var differences = new List<string>();
        if (checkpoint.Summary?.Options is not { } trained)
            return ["the file does not say how its model was trained"];
        Compare(Element(checkpoint.Model.Options, Checkpoints.OptionsJson.Default.ModelOptions), Element(model.Options, Checkpoints.OptionsJson.Default.ModelOptions));
        Compare(
            Element(checkpoint.Model.Vocabulary.Text, Checkpoints.OptionsJson.Default.TextOptions),
            Element(model.Vocabulary.Text, Checkpoints.OptionsJson.Default.TextOptions));
        Compare(Parse(trained), Parse(OptionsJson));
        if (differences.Count == 0 && checkpoint.Summary.Text != Text)
            differences.Add("the text was another one");
        return differences;

        void Compare(JsonElement was, JsonElement now)
        {
            foreach (JsonProperty property in now.EnumerateObject())
            {
                string before = was.ValueKind == JsonValueKind.Object && was.TryGetProperty(property.Name, out JsonElement value) ? Show(value) : "not there";
                if (before != Show(property.Value))
                    differences.Add($"{Flag(property.Name)} was {before}, now {Show(property.Value)}");
            }
        }
    }

    private static JsonElement Element<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToElement(value, type);

    private static JsonElement Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Show(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "none",
        _ => value.GetRawText(),
    };

    private static string Flag(string name) =>
        "--" + string.Concat(name.Select(letter => char.IsAsciiLetterUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
