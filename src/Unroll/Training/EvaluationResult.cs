namespace Unroll;

/// <summary>How well a model predicts a text.</summary>
/// <param name="Tokens">Predictions made: the text's tokens but the first, which nothing precedes.</param>
/// <param name="Characters">Unicode scalar values of the predicted tokens.</param>
/// <param name="Bytes">UTF-8 bytes of the predicted tokens.</param>
/// <param name="Unknown">How many of the predicted tokens the model does not know.</param>
/// <param name="UnknownTokens">The commonest unknown tokens with their counts, at most 20.</param>
/// <param name="Loss">Mean cross-entropy, nats per token.</param>
/// <param name="Seconds">Time taken.</param>
public sealed record EvaluationResult(
    long Tokens, long Characters, long Bytes, long Unknown, IReadOnlyList<(string Token, long Count)> UnknownTokens, double Loss, double Seconds)
{
    /// <summary>The mean cross-entropy of the model's first network alone; null where the model is one network without a memory.</summary>
    public double? NetworkLoss { get; init; }

    /// <summary>exp(loss).</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Bits per token.</summary>
    public double BitsPerToken => Loss / Math.Log(2);

    /// <summary>Bits per character (Unicode scalar value).</summary>
    public double BitsPerCharacter => BitsPerToken * Tokens / Characters;

    /// <summary>Bits per byte of UTF-8.</summary>
    public double BitsPerByte => BitsPerToken * Tokens / Bytes;
}
