using System.Text.Json.Serialization;

namespace Unroll.Web.Sessions;

/// <summary>What a session's file says before its bookmark.</summary>
/// <param name="Id">What clients call it.</param>
/// <param name="Created">When it was made, in seconds since 1970.</param>
/// <param name="LastUsed">When it was used last.</param>
internal sealed record SessionHead([property: JsonRequired] string Id, [property: JsonRequired] long Created, [property: JsonRequired] long LastUsed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionHead))]
internal sealed partial class SessionContext : JsonSerializerContext;
