using Unroll.Kernels;

namespace Unroll;

/// <summary>How well a model predicts a short text. A surprising text has a high loss; an odd one has a higher loss than the model
/// expected.</summary>
/// <param name="Tokens">Predictions made: all of the text's tokens.</param>
/// <param name="Characters">Unicode scalar values of the tokens.</param>
/// <param name="Bytes">UTF-8 bytes of the tokens.</param>
/// <param name="Unknown">How many of the tokens the model does not know.</param>
/// <param name="TotalLoss">The sum of the tokens' cross-entropies in nats: −ln of the text's probability.</param>
public sealed record TextScore(int Tokens, int Characters, int Bytes, int Unknown, double TotalLoss)
{
    /// <summary>The loss that the model expected: the sum of its predictions' entropies in nats. Random digits are a surprise each,
    /// and as large a one as expected.</summary>
    public double TotalEntropy { get; init; }

    /// <summary>Mean cross-entropy, nats per token; 0 of a text without tokens.</summary>
    public double Loss => Tokens == 0 ? 0 : TotalLoss / Tokens;

    /// <summary>exp(loss).</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Bits in all: −log₂ of the text's probability.</summary>
    public double Bits => TotalLoss / Functions.Log(2);

    /// <summary>Bits beyond those that the model expected.</summary>
    public double ExcessBits => (TotalLoss - TotalEntropy) / Functions.Log(2);

    /// <summary>How odd the text is: its bits beyond those expected, divided by the square root of its number of tokens, because that
    /// is how differences by mere chance add up. So texts of all lengths can be compared; 0 of a text without tokens.</summary>
    public double Oddness => Tokens == 0 ? 0 : ExcessBits / Math.Sqrt(Tokens);

    /// <summary>Bits per token.</summary>
    public double BitsPerToken => Loss / Math.Log(2);

    /// <summary>Bits per character (Unicode scalar value); 0 of a text without tokens.</summary>
    public double BitsPerCharacter => Tokens == 0 ? 0 : BitsPerToken * Tokens / Characters;

    /// <summary>Bits per byte of UTF-8; 0 of a text without tokens.</summary>
    public double BitsPerByte => Tokens == 0 ? 0 : BitsPerToken * Tokens / Bytes;
}
