// The JSON of the API. Keys are promises: clients that nobody here has written depend on them.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Unroll.Web.Api;

/// <summary>The answer of <c>/health</c>.</summary>
internal sealed record HealthJson(string Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthJson))]
[JsonSerializable(typeof(ModelJson))]
[JsonSerializable(typeof(ModelListJson))]
[JsonSerializable(typeof(CompletionJson))]
[JsonSerializable(typeof(ChatJson))]
[JsonSerializable(typeof(ChatChunkJson))]
[JsonSerializable(typeof(TokensJson))]
[JsonSerializable(typeof(PromptJson))]
[JsonSerializable(typeof(TokenizerJson))]
[JsonSerializable(typeof(ScoreListJson))]
[JsonSerializable(typeof(SessionJson))]
[JsonSerializable(typeof(SessionListJson))]
[JsonSerializable(typeof(SessionDeletedJson))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The context to write with: it leaves letters of all scripts as they are, which is a third of the bytes of Chinese.</summary>
    public static ApiJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
