// The files that the pages need, from within this program: no folder on a disk, no other server, nothing that could be missing.
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Unroll.Web.Pages;

/// <summary>Styles, scripts and the icon.</summary>
internal static class PageFiles
{
    private static readonly Assembly Ours = typeof(PageFiles).Assembly;

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>Adds an endpoint for each.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (string name in Ours.GetManifestResourceNames().Where(name => name.StartsWith("pages/", StringComparison.Ordinal)))
        {
            var file = new Lazy<Packed>(() => new Packed(name));
            endpoints.MapGet(name["pages".Length..], context => file.Value.SendAsync(context));
        }
    }

    // A file, compressed once.
    private sealed class Packed
    {
        private readonly byte[] plain, compressed;
        private readonly string kind, tag;

        public Packed(string name)
        {
            using Stream content = Ours.GetManifestResourceStream(name)!;
            using var whole = new MemoryStream();
            content.CopyTo(whole);
            plain = whole.ToArray();
            using var small = new MemoryStream();
            using (var gzip = new GZipStream(small, CompressionLevel.Optimal, leaveOpen: true))
                gzip.Write(plain);
            compressed = small.ToArray();
            (kind, tag) = (Kinds[Path.GetExtension(name)], $"\"{Convert.ToHexStringLower(SHA256.HashData(plain)[..12])}\"");
        }

        public async Task SendAsync(HttpContext context)
        {
            HttpResponse response = context.Response;
            response.Headers.CacheControl = "no-cache"; // kept, and asked for again: another version of the program has others
            response.Headers.ETag = tag;
            response.Headers.Vary = "Accept-Encoding";
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            bool packs = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
            if (packs)
                response.Headers.ContentEncoding = "gzip";
            byte[] body = packs ? compressed : plain;
            (response.ContentType, response.ContentLength) = (kind, body.Length);
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
