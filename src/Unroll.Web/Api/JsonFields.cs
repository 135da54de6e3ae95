// Reads a request's JSON field by field, so that every mistake is told with the field's name, and nothing that a client sends is
// ignored in silence. null is as good as leaving a field out: many clients send it for what they do not use.
using System.Text.Json;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>The fields of a JSON object.</summary>
internal sealed class JsonFields
{
    private readonly JsonElement element;
    private readonly string path; // before the fields' names: "messages[0]."
    private readonly HashSet<string> taken = [];

    /// <param name="element">What should be an object.</param>
    /// <param name="path">Where it stands; empty = it is the body.</param>
    /// <exception cref="Refusal">It is none.</exception>
    public JsonFields(JsonElement element, string path = "")
    {
        (this.element, this.path) = (element, path.Length == 0 ? "" : $"{path}.");
        if (element.ValueKind != JsonValueKind.Object)
            throw path.Length == 0 ? new Refusal(400, "invalid_json", "The body must be one JSON object.") : Refusal.OfField(path, $"{path} must be an object.");
    }

    /// <summary>A field's full name.</summary>
    public string NameOf(string field) => path + field;

    /// <summary>A field's value; null where it is not there or is null.</summary>
    public JsonElement? Take(string field)
    {
        taken.Add(field);
        return element.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A text.</summary>
    public string? Text(string field) => Take(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Mistake(field, "must be a text");

    /// <summary>true or false.</summary>
    public bool Flag(string field) => Take(field) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Mistake(field, "must be true or false"),
    };

    /// <summary>A whole number.</summary>
    public long? Whole(string field, long least = long.MinValue, long most = long.MaxValue)
    {
        if (Take(field) is not { } value)
            return null;
        // 16.0 is as whole as 16: some clients know no other numbers.
        long whole = 0;
        bool isWhole = value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out whole) || IsWhole(value.GetDouble(), out whole));
        return isWhole && whole >= least && whole <= most ? whole
            : throw Mistake(field, least == long.MinValue && most == long.MaxValue ? "must be a whole number" : $"must be a whole number from {least} to {most}");
    }

    /// <summary>A whole number that fits 32 bits.</summary>
    public int? Count(string field, int least, int most) => (int?)Whole(field, least, most);

    /// <summary>A number.</summary>
    public double? Number(string field, double least, double most)
    {
        if (Take(field) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most
            ? number : throw Mistake(field, FormattableString.Invariant($"must be a number from {least} to {most}"));
    }

    /// <summary>Fields that others know and this server does not: who sends them with a value must hear that.</summary>
    public void Unsupported(params IReadOnlyList<string> fields)
    {
        foreach (string field in fields)
            if (Take(field) is not null)
                throw new Refusal(400, "unsupported_parameter", $"{NameOf(field)} is not supported here: leave it out.") { Field = NameOf(field) };
    }

    /// <summary>Refuses what nobody has taken.</summary>
    public void End()
    {
        foreach (JsonProperty property in element.EnumerateObject())
            if (!taken.Contains(property.Name))
                throw new Refusal(400, "unknown_parameter", $"There is no field {NameOf(property.Name)} here: leave it out.") { Field = NameOf(property.Name) };
    }

    /// <summary>A field makes no sense.</summary>
    /// <param name="field">Which.</param>
    /// <param name="complaint">What is wrong, after its name.</param>
    public Refusal Mistake(string field, string complaint) => Refusal.OfField(NameOf(field), $"{NameOf(field)} {complaint}.");

    private static bool IsWhole(double number, out long whole)
    {
        whole = Math.Abs(number) < 1L << 53 ? (long)number : 0;
        return whole == number;
    }
}
