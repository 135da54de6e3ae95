namespace Unroll;

/// <summary>How often the units of a layer had a gate open and closed while a text was read (Karpathy, Johnson and Fei-Fei 2015): open
/// is above 0.9, closed below 0.1. A unit whose forget gate is mostly open remembers long.</summary>
public sealed class GateShare
{
    /// <summary>What <see cref="Gate"/> says of a plain recurrent cell, which has no gates: its units are counted where they are
    /// saturated, so that no gradient passes them. With tanh open is above 0.9 and closed below −0.9; with max(·, 0) closed is 0, and
    /// none is open.</summary>
    public const string Activation = "activation";

    internal GateShare(int layer, string gate, double[] openByUnit, double[] closedByUnit)
    {
        (Layer, Gate, OpenByUnit, ClosedByUnit) = (layer, gate, openByUnit, closedByUnit);
        (Open, Closed) = (Mean(openByUnit), Mean(closedByUnit));
    }

    /// <summary>The layer, from 0.</summary>
    public int Layer { get; }

    /// <summary><c>input</c>, <c>forget</c> and <c>output</c> of an LSTM, <c>forget</c> and <c>output</c> of a CIFG, <c>reset</c> and
    /// <c>update</c> of a GRU, <see cref="Activation"/> of a plain cell. A GRU's unit keeps its state while update is open.</summary>
    public string Gate { get; }

    /// <summary>The share of all tokens and units at which it was open, 0 to 1.</summary>
    public double Open { get; }

    /// <summary>The share at which it was closed.</summary>
    public double Closed { get; }

    /// <summary>[H]: of each unit the share of the tokens at which it was open.</summary>
    public IReadOnlyList<double> OpenByUnit { get; }

    /// <summary>[H]: likewise closed.</summary>
    public IReadOnlyList<double> ClosedByUnit { get; }

    private static double Mean(double[] shares)
    {
        double sum = 0;
        foreach (double share in shares)
            sum += share;
        return sum / shares.Length;
    }
}
