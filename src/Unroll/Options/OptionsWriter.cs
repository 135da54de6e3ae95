using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Unroll.Options;

/// <summary>Writes records as JSON objects: numbers that round-trip, text other than ASCII as it is, nothing that depends
/// on the culture.</summary>
internal sealed class OptionsWriter(Utf8JsonWriter json) : OptionsPass
{
    /// <summary>A record as a JSON object.</summary>
    public static string Write<T>(T record, Func<T, OptionsPass, T> visit)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json, record, visit);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Writes a record as a JSON object.</summary>
    public static void Write<T>(Utf8JsonWriter json, T record, Func<T, OptionsPass, T> visit)
    {
        json.WriteStartObject();
        visit(record, new OptionsWriter(json));
        json.WriteEndObject();
    }

    public override long Whole(string json, string property, long value)
    {
        Json.WriteNumber(json, value);
        return value;
    }

    public override ulong Seed(string json, string property, ulong value)
    {
        Json.WriteNumber(json, value);
        return value;
    }

    public override double? Number(string json, string property, double? value)
    {
        if (value is { } number)
            Json.WriteNumber(json, number);
        return value;
    }

    public override bool Truth(string json, string property, bool value)
    {
        Json.WriteBoolean(json, value);
        return value;
    }

    public override string? Words(string json, string property, string? value)
    {
        if (value is not null)
            Json.WriteString(json, value);
        return value;
    }

    public override T? Record<T>(string json, string property, T? value, Func<T, OptionsPass, T> visit) where T : class
    {
        if (value is not null)
        {
            Json.WritePropertyName(json);
            Write(Json, value, visit);
        }
        return value;
    }

    protected override Exception Unusable(string json) => new InvalidOperationException($"{json} cannot be written.");

    private Utf8JsonWriter Json { get; } = json;
}
