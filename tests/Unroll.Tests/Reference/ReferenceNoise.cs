namespace Unroll.Tests.Reference;

/// <summary>What is added to a model: factors of dropout, 0 or 1/(1 − p), by position, and penalties on outputs.</summary>
internal sealed record ReferenceNoise
{
    /// <summary>An element of what the first layer reads: step, row, and the number of the element, or of the token where it is one-hot.</summary>
    public Func<int, int, int, double>? Input { get; init; }

    /// <summary>What is added to an element of what the first layer reads, each element of a one-hot vector included: step, row and
    /// element.</summary>
    public Func<int, int, int, double>? InputShift { get; init; }

    /// <summary>An output on its way up: layer, step, row and unit.</summary>
    public Func<int, int, int, int, double>? Output { get; init; }

    /// <summary>A hidden unit, for the next step and for all above: layer, row and unit.</summary>
    public Func<int, int, int, double>? State { get; init; }

    /// <summary>α of α · mean h² over the last layer's outputs.</summary>
    public double ActivationPenalty { get; init; }

    /// <summary>β of β · mean (h[t] − h[t−1])², likewise.</summary>
    public double ChangePenalty { get; init; }
}
