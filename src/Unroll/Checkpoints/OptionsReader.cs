// Reads the options records of a model file, property by property. The generated readers of OptionsJson do the same in
// fewer lines, but the platform compiles some seven hundred methods for them at every start: a tenth of a second, half
// of what `unroll generate` took (docs/start-up.md). That every property is read here, a test makes sure.
using System.Text.Json;

namespace Unroll.Checkpoints;

/// <summary>Reads records of which only some properties may be given; the others keep their defaults. Every method
/// throws a <see cref="JsonException"/> whose message is a clause that says what is wrong.</summary>
internal sealed class OptionsReader
{
    private readonly JsonElement given;
    private readonly List<string> known = [];

    private OptionsReader(JsonElement given) => this.given = given;

    /// <summary>Reads the shape of a model.</summary>
    public static ModelOptions Model(string json) => Read(json, reader =>
    {
        var defaults = new ModelOptions();
        return new ModelOptions
        {
            Cell = reader.Choice("cell", defaults.Cell),
            HiddenSize = reader.Count("hidden", defaults.HiddenSize),
            Layers = reader.Count("layers", defaults.Layers),
            EmbeddingSize = reader.Count("embedding", defaults.EmbeddingSize),
            Activation = reader.Choice("activation", defaults.Activation),
            ResetGate = reader.Choice("resetGate", defaults.ResetGate),
            Initialization = reader.Choice("init", defaults.Initialization),
            Biases = reader.Choice("biases", defaults.Biases),
            TieWeights = reader.Truth("tie", defaults.TieWeights),
        };
    });

    /// <summary>Reads how a text becomes tokens.</summary>
    public static TextOptions Text(string json) => Read(json, reader =>
    {
        var defaults = new TextOptions();
        return new TextOptions
        {
            Tokens = reader.Choice("tokens", defaults.Tokens),
            Clean = reader.Choice("clean", defaults.Clean),
            MaxTokens = reader.LongCount("maxTokens", defaults.MaxTokens),
            MinCount = reader.Count("minCount", defaults.MinCount),
            Validation = reader.Number("validation", defaults.Validation),
        };
    });

    /// <summary>Reads how a model came to be.</summary>
    public static TrainingSummary Summary(string json) => Read(json, reader =>
    {
        var defaults = new TrainingSummary();
        return new TrainingSummary
        {
            Epochs = reader.LongCount("epochs", defaults.Epochs),
            Updates = reader.LongCount("updates", defaults.Updates),
            Tokens = reader.LongCount("tokens", defaults.Tokens),
            TrainingLoss = reader.Number("trainingLoss", defaults.TrainingLoss),
            ValidationLoss = reader.IsNull("validationLoss") ? null : reader.Number("validationLoss", 0),
            Seed = reader.Seed("seed", defaults.Seed),
            Options = reader.Words("options"),
            Text = reader.Words("text"),
        };
    });

    /// <summary>Reads an array of strings; an element may be null, whatever its type says.</summary>
    public static string[] Strings(string json)
    {
        const string Complaint = "it is not an array of strings";
        using JsonDocument document = Parse(json, Complaint);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new JsonException(Complaint);
        var strings = new string[document.RootElement.GetArrayLength()];
        int count = 0;
        foreach (JsonElement element in document.RootElement.EnumerateArray())
            strings[count++] = IsText(element, out string? text) ? text! : throw new JsonException(Complaint);
        return strings;
    }

    private static T Read<T>(string json, Func<OptionsReader, T> read)
    {
        using JsonDocument document = Parse(json, "it is not valid JSON");
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("it is not a JSON object");
        var reader = new OptionsReader(document.RootElement);
        T record = read(reader);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (!reader.known.Exists(property.NameEquals))
                throw new JsonException($"it names {Quoted.Text(property.Name)}, which this version of Unroll does not know");
        }
        return record;
    }

    // The platform throws the other two at an escape, or a letter, that is half a surrogate pair.
    private static JsonDocument Parse(string json, string complaint)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new JsonException(complaint, e);
        }
    }

    // Null is text too; an escape that is half a surrogate pair is none.
    private static bool IsText(JsonElement value, out string? text)
    {
        text = null;
        try
        {
            text = value.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private bool Has(string name, out JsonElement value)
    {
        known.Add(name);
        return given.TryGetProperty(name, out value);
    }

    private bool IsNull(string name) => !Has(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null;

    private int Count(string name, int otherwise) =>
        !Has(name, out JsonElement value) ? otherwise : IsNumber(value) && value.TryGetInt32(out int count) ? count : throw Unusable(name);

    private long LongCount(string name, long otherwise) =>
        !Has(name, out JsonElement value) ? otherwise : IsNumber(value) && value.TryGetInt64(out long count) ? count : throw Unusable(name);

    private ulong Seed(string name, ulong otherwise) =>
        !Has(name, out JsonElement value) ? otherwise : IsNumber(value) && value.TryGetUInt64(out ulong seed) ? seed : throw Unusable(name);

    private double Number(string name, double otherwise) =>
        !Has(name, out JsonElement value) ? otherwise : IsNumber(value) && value.TryGetDouble(out double number) ? number : throw Unusable(name);

    private bool Truth(string name, bool otherwise) =>
        !Has(name, out JsonElement value) ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Unusable(name);

    private string? Words(string name) => !Has(name, out JsonElement value) ? null : IsText(value, out string? text) ? text : throw Unusable(name);

    // An enum's name in lower case, as LowerCaseEnumConverter writes it: no number, no other case, no list of names.
    private TEnum Choice<TEnum>(string name, TEnum otherwise) where TEnum : struct, Enum
    {
        if (!Has(name, out JsonElement value))
            return otherwise;
        bool exists = IsText(value, out string? word) & Enum.TryParse(typeof(TEnum), word, ignoreCase: true, out object? choice);
        return exists && choice!.ToString()!.ToLowerInvariant() == word ? (TEnum)choice : throw Unusable(name);
    }

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;

    private static JsonException Unusable(string name) => new($"it has no usable value for {Quoted.Text(name)}");
}
