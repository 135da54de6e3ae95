// Options records as JSON: camelCase names, enums in lower case, numbers that round-trip, nothing that depends on the
// machine's culture. The model file and the command line write options through this one context.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Unroll.Checkpoints;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(LowerCaseEnumConverter<CellKind>), typeof(LowerCaseEnumConverter<Activation>), typeof(LowerCaseEnumConverter<ResetGate>),
        typeof(LowerCaseEnumConverter<Initialization>), typeof(LowerCaseEnumConverter<Biases>),
        typeof(LowerCaseEnumConverter<TokenKind>), typeof(LowerCaseEnumConverter<Cleaning>),
    ])]
[JsonSerializable(typeof(ModelOptions))]
[JsonSerializable(typeof(TextOptions))]
[JsonSerializable(typeof(TrainingSummary))]
internal sealed partial class OptionsJson : JsonSerializerContext
{
    /// <summary>The context to use: text other than ASCII stands as it is, so that a file's header can be read by eye.</summary>
    public static OptionsJson Readable =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Reads a record of which only some properties may be given.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="defaults">The values of properties that are not given.</param>
    /// <param name="type">How the record is read.</param>
    /// <exception cref="JsonException">The message is a clause that says what is wrong.</exception>
    public static T Read<T>(string json, T defaults, JsonTypeInfo<T> type) where T : class
    {
        // Generated readers give a missing init-only property its type's zero, not the record's default. So the
        // defaults are written out first and the given values laid over them.
        JsonObject complete = JsonSerializer.SerializeToNode(defaults, type)!.AsObject();
        foreach ((string name, JsonNode? value) in ParseObject(json))
        {
            if (!type.Properties.Any(property => property.Name == name && property.Get is not null))
                throw new JsonException($"it names {Quoted.Text(name)}, which this version of Unroll does not know");
            complete[name] = value?.DeepClone();
        }
        try
        {
            return complete.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new JsonException($"it has no usable value for {Quoted.Text(e.Path?.TrimStart('$', '.') ?? "")}", e);
        }
    }

    /// <summary>Reads a JSON object without duplicate names.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="JsonException">The message is a clause that says what is wrong.</exception>
    public static JsonObject ParseObject(string json)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) is JsonObject value)
                return value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new JsonException("it is not valid JSON", e);
        }
        throw new JsonException("it is not a JSON object");
    }
}
