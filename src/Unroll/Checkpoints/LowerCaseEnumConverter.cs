using System.Text.Json;
using System.Text.Json.Serialization;

namespace Unroll.Checkpoints;

/// <summary>Writes an enum as its name in lower case and reads exactly that: no numbers, no other case, no lists.</summary>
internal sealed class LowerCaseEnumConverter<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
{
    private static readonly TEnum[] Values = Enum.GetValues<TEnum>();
    private static readonly string[] Names = [.. Values.Select(value => value.ToString().ToLowerInvariant())];

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        int index = reader.TokenType == JsonTokenType.String ? Array.IndexOf(Names, reader.GetString()) : -1;
        return index >= 0 ? Values[index] : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options)
    {
        int index = Array.IndexOf(Values, value);
        writer.WriteStringValue(index >= 0 ? Names[index] : throw new JsonException($"{value} is no {typeof(TEnum).Name}."));
    }
}
