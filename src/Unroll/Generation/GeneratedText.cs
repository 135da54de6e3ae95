namespace Unroll;

/// <summary>A continued text.</summary>
/// <param name="Prefix">What was continued, as it was given.</param>
/// <param name="Text">The continuation alone.</param>
/// <param name="Tokens">The tokens produced.</param>
public sealed record GeneratedText(string Prefix, string Text, long Tokens)
{
    /// <summary>The natural logarithm of the probability that the model gives the continuation's tokens; null where they were not
    /// found by a search.</summary>
    public double? LogProbability { get; init; }

    /// <summary>What the search compared: <see cref="LogProbability"/>, less what repetitions cost, by the length to the power of
    /// <see cref="GenerationOptions.LengthPenalty"/>; null where there was no search.</summary>
    public double? Score { get; init; }

    /// <summary>The prefix with its continuation.</summary>
    public override string ToString() => Prefix + Text;
}
