using System.Text;
using Microsoft.AspNetCore.Http;
using Unroll.Web.Metrics;

namespace Unroll.Web.Api;

/// <summary>GET /metrics: what the server does, in numbers.</summary>
/// <param name="text">The numbers.</param>
internal sealed class MetricsEndpoint(PrometheusText text)
{
    /// <summary>All of them.</summary>
    public async Task Show(HttpContext context)
    {
        byte[] body = Encoding.UTF8.GetBytes(text.Write());
        (context.Response.ContentType, context.Response.ContentLength) = (PrometheusText.ContentType, body.Length);
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
