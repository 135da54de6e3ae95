namespace Unroll.Tests.Reference;

/// <summary>What the naive model makes of one window.</summary>
internal sealed class ReferenceResult
{
    /// <summary>[T, B, V].</summary>
    public required double[] Logits { get; init; }

    /// <summary>[T, B] cross-entropies in nats.</summary>
    public required double[] Losses { get; init; }

    /// <summary>Their mean.</summary>
    public required double Loss { get; init; }

    /// <summary>The mean loss and all penalties: what gradients are of.</summary>
    public required double Objective { get; init; }

    /// <summary>[L][B, H] hidden vectors, then, for an LSTM, as many memory cells.</summary>
    public required double[][] State { get; init; }

    /// <summary>The gradient of the objective, by tensor name.</summary>
    public required Dictionary<string, double[]> Gradients { get; init; }
}
