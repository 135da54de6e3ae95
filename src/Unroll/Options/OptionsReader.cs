// Reads records from JSON that is not trusted.
using System.Text.Json;

namespace Unroll.Options;

/// <summary>Reads records of which only some properties may be given; the others keep their defaults. Whatever is wrong is
/// a <see cref="JsonException"/> whose message is a clause that says what.</summary>
internal sealed class OptionsReader : OptionsPass
{
    private readonly JsonElement given;
    private readonly List<string> known = [];

    private OptionsReader(JsonElement given) => this.given = given;

    /// <summary>Reads a record.</summary>
    public static T Read<T>(string json, Func<T, OptionsPass, T> visit) where T : class, new()
    {
        using JsonDocument document = Parse(json, "it is not valid JSON");
        return Read(document.RootElement, visit);
    }

    /// <summary>Reads an array of records.</summary>
    public static T[] Records<T>(string json, Func<T, OptionsPass, T> visit) where T : class, new()
    {
        using JsonDocument document = Parse(json, "it is not valid JSON");
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new JsonException("it is not an array");
        return [.. document.RootElement.EnumerateArray().Select(element => Read(element, visit))];
    }

    /// <summary>The text itself, if it is a JSON object without a name twice.</summary>
    public static string Checked(string json)
    {
        using JsonDocument document = Parse(json, "it is not valid JSON");
        RequireObject(document.RootElement);
        return json;
    }

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

    public override long Whole(string json, string property, long value) =>
        !Has(json, out JsonElement found) ? value : IsNumber(found) && found.TryGetInt64(out long whole) ? whole : throw Unusable(json);

    public override ulong Seed(string json, string property, ulong value) =>
        !Has(json, out JsonElement found) ? value : IsNumber(found) && found.TryGetUInt64(out ulong seed) ? seed : throw Unusable(json);

    public override double? Number(string json, string property, double? value) =>
        !Has(json, out JsonElement found) ? value
        : found.ValueKind == JsonValueKind.Null ? null
        : IsNumber(found) && found.TryGetDouble(out double number) ? number : throw Unusable(json);

    public override bool Truth(string json, string property, bool value) =>
        !Has(json, out JsonElement found) ? value
        : found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : throw Unusable(json);

    public override string? Words(string json, string property, string? value) =>
        !Has(json, out JsonElement found) ? value : IsText(found, out string? text) ? text : throw Unusable(json);

    public override T? Record<T>(string json, string property, T? value, Func<T, OptionsPass, T> visit) where T : class =>
        !Has(json, out JsonElement found) ? value : found.ValueKind == JsonValueKind.Null ? null : Read(found, visit);

    protected override Exception Unusable(string json) => new JsonException($"it has no usable value for {Quoted.Text(json)}");

    private static T Read<T>(JsonElement given, Func<T, OptionsPass, T> visit) where T : class, new()
    {
        RequireObject(given);
        var reader = new OptionsReader(given);
        T record = visit(new T(), reader);
        foreach (JsonProperty property in given.EnumerateObject())
        {
            if (!reader.known.Exists(property.NameEquals))
                throw new JsonException($"it names {Quoted.Text(property.Name)}, which this version of Unroll does not know");
        }
        return record;
    }

    private static void RequireObject(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonException("it is not a JSON object");
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

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;
}
