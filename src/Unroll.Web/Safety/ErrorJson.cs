using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Unroll.Web.Safety;

/// <summary>What went wrong, as OpenAI's clients read it.</summary>
internal sealed record ErrorDetailJson(string Message, string Type, string? Param, string? Code);

/// <summary>The body of every answer that is none.</summary>
internal sealed record ErrorJson(ErrorDetailJson Error)
{
    /// <summary>Of a refusal.</summary>
    public static ErrorJson Of(Refusal refusal) => new(new ErrorDetailJson(refusal.Message, refusal.Kind, refusal.Field, refusal.Code));

    /// <summary>Its bytes, on one line.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ErrorContext.Readable.ErrorJson);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorJson))]
internal sealed partial class ErrorContext : JsonSerializerContext
{
    /// <summary>The context to write with: it leaves letters of all scripts as they are.</summary>
    public static ErrorContext Readable =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
