// Whatever goes wrong, as the refusal that its sender is told. The last one, where it is our fault, tells nothing of what is inside.
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>Turns exceptions and bare statuses into refusals.</summary>
internal static class Refusals
{
    /// <summary>The server is stopping.</summary>
    public static Refusal Closing => new(503, "closing", "The server is stopping: try again later.") { RetryAfter = 1 };

    /// <summary>What an exception says to the sender of a request.</summary>
    public static Refusal Of(Exception exception) => exception switch
    {
        Refusal refusal => refusal,
        QueueFullException full => new Refusal(429, "queue_full", full.Message) { RetryAfter = 1 },
        OptionsException mistake => Refusal.OfField(FieldOf(mistake.Property), mistake.Describe(FieldOf)),
        BadHttpRequestException { StatusCode: 413 } => new Refusal(413, "body_too_large", "The request's body is larger than this server takes."),
        BadHttpRequestException { StatusCode: 408 } => new Refusal(408, "body_too_slow", "The request's body comes too slowly: send it again."),
        BadHttpRequestException bad => new Refusal(bad.StatusCode, "bad_request", bad.Message),
        ObjectDisposedException => Closing,
        _ => new Refusal(500, "internal_error", "Something went wrong inside the server."),
    };

    /// <summary>What is told where no endpoint has answered.</summary>
    public static Refusal OfStatus(HttpContext context)
    {
        (HttpRequest request, int status) = (context.Request, context.Response.StatusCode);
        return status switch
        {
            404 => new Refusal(404, "not_found", $"There is nothing at {request.Path}."),
            405 => new Refusal(405, "method_not_allowed", $"{request.Path} takes {context.Response.Headers.Allow}, not {request.Method}."),
            _ => new Refusal(status, "bad_request", "The request makes no sense."),
        };
    }

    // What the API calls the library's options.
    private static string FieldOf(string property) => property switch
    {
        nameof(GenerationOptions.Length) => "max_tokens",
        nameof(GenerationOptions.StopSequences) => "stop",
        nameof(GenerationRequest.Prefix) or nameof(GenerationRequest.PrefixIds) => "prompt",
        nameof(GenerationRequest.Alternatives) => "logprobs",
        _ => string.Concat(property.Select((letter, i) => char.IsAsciiLetterUpper(letter) ? $"{(i > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}")),
    };
}
