using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>Reads a request's body.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strictly = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Reads it and makes something of its fields.</summary>
    /// <param name="context">Whose body.</param>
    /// <param name="make">What to make of it; a field that it does not take is refused.</param>
    /// <exception cref="Refusal">It is no JSON, or makes no sense.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, Func<JsonFields, T> make)
    {
        // Nothing else: a form or plain text is what a page of another site could send without asking.
        if (!context.Request.HasJsonContentType())
            throw new Refusal(415, "unsupported_media_type", "The body must be JSON: send the header 'Content-Type: application/json'.");
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, Strictly, context.RequestAborted);
            var fields = new JsonFields(body.RootElement);
            T made = make(fields);
            fields.End();
            return made;
        }
        catch (JsonException mistake)
        {
            throw new Refusal(400, "invalid_json", $"The body is no JSON that can be read: {mistake.Message}");
        }
        catch (InvalidOperationException) // what the platform says to a text that is none
        {
            throw new Refusal(400, "invalid_json", "The body has a text that is no Unicode: half a character, or bytes that are not UTF-8.");
        }
    }
}
