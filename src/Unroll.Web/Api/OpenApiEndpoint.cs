// GET /openapi/v1.json. The document stands beside the code as a file, because requests are read by hand, field by field, and no
// generator sees that; a test asks the server everything that the document says.
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Api;

/// <summary>Describes the API.</summary>
internal static class OpenApiEndpoint
{
    private const string Name = "Unroll.Web.Api.openapi.json";

    /// <summary>The document.</summary>
    public static async Task Show(HttpContext context)
    {
        await using Stream document = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream(Name)!;
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", document.Length);
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
