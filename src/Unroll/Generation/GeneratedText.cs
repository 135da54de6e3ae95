namespace Unroll;

/// <summary>A continued text.</summary>
/// <param name="Prefix">What was continued, as it was given.</param>
/// <param name="Text">The continuation alone.</param>
/// <param name="Tokens">The tokens produced.</param>
public sealed record GeneratedText(string Prefix, string Text, long Tokens)
{
    /// <summary>The prefix with its continuation.</summary>
    public override string ToString() => Prefix + Text;
}
