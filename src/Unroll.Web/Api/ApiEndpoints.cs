// What the server answers to, in one place.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Unroll.Web.Metrics;
using Unroll.Web.Models;
using Unroll.Web.Safety;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>All endpoints of the API.</summary>
internal static class ApiEndpoints
{
    /// <summary>Adds them.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="models">The models they ask.</param>
    /// <param name="sessions">The texts that are remembered.</param>
    /// <param name="figures">What the server does.</param>
    /// <param name="limits">What a request may ask for.</param>
    /// <param name="clock">What paces streams.</param>
    public static void Map(IEndpointRouteBuilder endpoints, ServedModels models, SessionShelf sessions, PrometheusText figures, ServeOptions limits, TimeProvider clock)
    {
        var texts = new TextEndpoints(models, limits, clock);
        var tokens = new TokenEndpoints(models);
        var list = new ModelEndpoints(models);
        endpoints.MapPost("/v1/completions", texts.Complete);
        endpoints.MapPost("/v1/chat/completions", texts.Chat);
        endpoints.MapPost("/v1/score", new ScoreEndpoint(models, limits).Score);
        new SessionEndpoints(models, sessions, limits, clock).Map(endpoints);
        endpoints.MapPost("/tokenize", tokens.Tokenize);
        endpoints.MapPost("/detokenize", tokens.Detokenize);
        endpoints.MapGet("/tokenizer_info", tokens.Show);
        endpoints.MapGet("/v1/models", list.List);
        endpoints.MapGet("/v1/models/{id}", list.Show);
        endpoints.MapGet("/openapi/v1.json", OpenApiEndpoint.Show);
        endpoints.MapGet("/metrics", new MetricsEndpoint(figures).Show);
        endpoints.MapGet(Guard.Public, context => JsonAnswer.WriteAsync(context, new HealthJson("ok"), ApiJson.Readable.HealthJson));
    }
}
