using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Api;

/// <summary>Answers with one JSON object.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes it.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", body.Length);
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
