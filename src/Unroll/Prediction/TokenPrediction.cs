using Unroll.Kernels;

namespace Unroll;

/// <summary>A token, and how likely a model held it before it came.</summary>
/// <param name="Id">Its id; 0 = a token that the model does not know.</param>
/// <param name="Text">Its text, also where the model does not know it.</param>
/// <param name="LogProbability">The natural logarithm of its probability.</param>
public readonly record struct TokenPrediction(int Id, string Text, float LogProbability)
{
    /// <summary>Its probability, from 0 to 1; the same bits on every machine.</summary>
    public double Probability => Functions.Exp((double)LogProbability);

    /// <summary>Its cross-entropy in nats: how much of a surprise it was.</summary>
    public float Loss => -LogProbability;

    /// <summary>How much of a surprise the model expected there: the entropy of its prediction in nats. A token whose loss is far
    /// above it is an odd one.</summary>
    public float Entropy { get; init; }
}
