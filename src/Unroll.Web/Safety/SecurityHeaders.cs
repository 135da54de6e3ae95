using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>Headers that make a browser expect nothing of an answer but what it is. Who serves pages loosens the policy for these.</summary>
internal static class SecurityHeaders
{
    /// <summary>Adds them.</summary>
    public static void Add(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
