// Puts the pages beside the API: what they need of the platform, and what they answer to.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Unroll.Web.Pages.Parts;

namespace Unroll.Web.Pages;

/// <summary>All pages.</summary>
internal static class PageEndpoints
{
    // What a page may send at a time: a text that was pasted.
    private const long LargestMessage = 4 << 20;

    // Below these there is nothing that people read.
    private static readonly string[] ProgramsOnly = ["/v1", "/openapi", "/assets", "/_framework", "/_blazor"];

    private const string Policy =
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Adds what pages need.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = LargestMessage);
        services.AddHttpContextAccessor();
        services.AddScoped<PageLook>();
        services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>(); // no keys in anybody's home
    }

    /// <summary>Shows the page that says so to a browser that asks for a page where nothing is; programs are told as everywhere. It must
    /// come before it is settled who answers.</summary>
    public static async Task SayWhereNothingIs(HttpContext context, RequestDelegate next)
    {
        await next(context);
        HttpRequest request = context.Request;
        if (context.Response is not { HasStarted: false, StatusCode: StatusCodes.Status404NotFound } || !HttpMethods.IsGet(request.Method)
            || ProgramsOnly.Any(path => request.Path.StartsWithSegments(path, StringComparison.Ordinal))
            || !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return;
        PathString asked = request.Path;
        // Without this, a page does not speak where the status is 404.
        context.Features.Set<IStatusCodeReExecuteFeature>(new StatusCodeReExecuteFeature { OriginalPath = asked });
        context.SetEndpoint(null);
        request.RouteValues.Clear();
        request.Path = NoSuchPage.Address;
        await next(context); // the status stays
        request.Path = asked;
    }

    /// <summary>Adds them.</summary>
    public static void Map(WebApplication application)
    {
        PageFiles.Map(application);
        application.MapGet("/look", PageLook.ChangeAsync);
        application.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .Add(endpoint => endpoint.RequestDelegate = Loosened(endpoint.RequestDelegate));
    }

    // Pages have styles and scripts, all of them from here.
    private static RequestDelegate? Loosened(RequestDelegate? page) => page is null ? null : context =>
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return page(context);
    };
}
