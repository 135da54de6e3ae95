namespace Unroll;

/// <summary>How well a model predicts a short text. A surprising text has a high loss.</summary>
/// <param name="Tokens">Predictions made: all of the text's tokens.</param>
/// <param name="Characters">Unicode scalar values of the tokens.</param>
/// <param name="Bytes">UTF-8 bytes of the tokens.</param>
/// <param name="Unknown">How many of the tokens the model does not know.</param>
/// <param name="TotalLoss">The sum of the tokens' cross-entropies in nats: −ln of the text's probability.</param>
public sealed record TextScore(int Tokens, int Characters, int Bytes, int Unknown, double TotalLoss)
{
    /// <summary>Mean cross-entropy, nats per token; 0 of a text without tokens.</summary>
    public double Loss => Tokens == 0 ? 0 : TotalLoss / Tokens;

    /// <summary>exp(loss).</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Bits per token.</summary>
    public double BitsPerToken => Loss / Math.Log(2);

    /// <summary>Bits per character (Unicode scalar value); 0 of a text without tokens.</summary>
    public double BitsPerCharacter => Tokens == 0 ? 0 : BitsPerToken * Tokens / Characters;

    /// <summary>Bits per byte of UTF-8; 0 of a text without tokens.</summary>
    public double BitsPerByte => Tokens == 0 ? 0 : BitsPerToken * Tokens / Bytes;
}
