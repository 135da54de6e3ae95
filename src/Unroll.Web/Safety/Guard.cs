// What every request passes before an endpoint sees it, and what every answer passes that is none.
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>Lets requests through that may be answered, and says of all others why not.</summary>
/// <param name="options">How the server is set up.</param>
/// <param name="door">Where requests come in.</param>
/// <param name="onFailure">Told what goes wrong inside.</param>
internal sealed class Guard(ServeOptions options, Door door, Action<Exception>? onFailure) : IDisposable
{
    /// <summary>The path that anybody may ask, as often as he likes.</summary>
    public const string Public = "/health";

    private const string Circuits = "/_blazor";

    private readonly HostNames hosts = new(options);
    private readonly BearerKey? key = options.ApiKey is { } secret ? new BearerKey(secret) : null;
    private readonly ClientRates? rates = options.Rate > 0 ? new ClientRates(options.Rate) : null;

    /// <summary>Answers a request, or has it answered.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        HttpResponse response = context.Response;
        SecurityHeaders.Add(response.Headers);
        response.Headers["X-Request-Id"] = $"req_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        // A page's connection lasts as long as the page is open: nobody waits for that to end.
        bool lasts = context.Request.Path.StartsWithSegments(Circuits, StringComparison.Ordinal);
        bool entered = !lasts && door.TryEnter();
        try
        {
            if (!entered && (!lasts || door.IsClosed))
                throw Refusals.Closing;
            Check(context);
            await next(context);
            if (response is { HasStarted: false, StatusCode: >= 400 })
                throw Refusals.OfStatus(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left, and nobody hears an answer.
        }
        catch (ConnectionResetException)
        {
            // The client was gone before the whole request had come.
        }
        catch (Exception exception)
        {
            Refusal refusal = Refusals.Of(exception);
            if (refusal.Status == 500)
                onFailure?.Invoke(exception);
            if (!response.HasStarted)
                await Tell(response, refusal, context.RequestAborted);
            else if (!IsEvents(response))
                context.Abort(); // half an answer must not look like a whole one; events say it themselves
        }
        finally
        {
            if (entered)
                door.Leave();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => rates?.Dispose();

    private void Check(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!hosts.Allow(request.Host))
            throw new Refusal(403, "host_not_allowed", $"This server is not called {request.Host.Host}: ask for {hosts.First}, or start it with that name among its hosts.");
        if (!HostNames.IsSameOrigin(request))
            throw new Refusal(403, "origin_not_allowed", "Pages of other sites may not ask this server.");
        if (request.Path == Public)
            return;
        // Before the key, so that nobody can try keys as fast as the wire goes.
        if (rates?.SecondsToWait(context.Connection.RemoteIpAddress) is { } seconds)
            throw new Refusal(429, "rate_limit_exceeded", $"More than {options.Rate} requests a minute come from your address: try again in {seconds} seconds.") { RetryAfter = seconds };
        if (key?.Opens(request) == false)
        {
            // A browser asks its user; a program is told what to send.
            bool isBrowser = request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
            context.Response.Headers.WWWAuthenticate = isBrowser ? "Basic realm=\"Unroll (the key is the password)\", charset=\"UTF-8\"" : "Bearer";
            throw new Refusal(401, "invalid_api_key", "The key is missing or wrong: send the header 'Authorization: Bearer KEY'.");
        }
    }

    private static bool IsEvents(HttpResponse response) => response.ContentType == "text/event-stream";

    private static async Task Tell(HttpResponse response, Refusal refusal, CancellationToken cancellationToken)
    {
        (response.StatusCode, response.ContentType) = (refusal.Status, "application/json");
        if (refusal.RetryAfter is { } seconds)
            response.Headers.RetryAfter = $"{seconds}";
        byte[] body = ErrorJson.Of(refusal).ToBytes();
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(body, cancellationToken);
    }
}
