namespace Unroll.Web.Safety;

/// <summary>A request is not answered: what its sender is told, in the form that OpenAI's clients read.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">What programs tell it by.</param>
/// <param name="message">What is wrong and what to do, in whole sentences.</param>
internal sealed class Refusal(int status, string code, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What programs tell it by.</summary>
    public string Code { get; } = code;

    /// <summary>The field of the request that is wrong, where it is one.</summary>
    public string? Field { get; init; }

    /// <summary>Seconds after which to try again, where that may help.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The kind, which the status decides.</summary>
    public string Kind => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>A field makes no sense.</summary>
    /// <param name="field">The field, such as <c>stop</c> or <c>messages[0].role</c>.</param>
    /// <param name="message">What is wrong and what to do.</param>
    public static Refusal OfField(string field, string message) => new(400, "invalid_value", message) { Field = field };
}
