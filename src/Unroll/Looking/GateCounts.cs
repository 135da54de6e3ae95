// Counts, token by token, which gates stand open and which are shut (Karpathy, Johnson and Fei-Fei 2015, figure 3).
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Looking;

/// <summary>How often each unit's gates were open and closed.</summary>
internal sealed class GateCounts
{
    /// <summary>A gate is open above this, and closed below what it lacks to 1.</summary>
    public const float Open = 0.9f, Closed = 0.1f;

    private readonly (string Name, int Plane)[] gates;
    private readonly int[,][] opens, closes; // [layer, gate][H]
    private readonly float open, closed; // beyond which a number counts

    /// <param name="options">The network's shape.</param>
    public GateCounts(ModelOptions options)
    {
        gates = [.. Cells.ShapeOf(options).Valves];
        (open, closed) = (Open, Closed);
        if (gates.Length == 0)
        {
            // A cell without gates: how often φ is saturated, its derivative next to nothing. tanh is so at both ends, max(·, 0) at 0.
            gates = [(GateShare.Activation, -1)];
            (open, closed) = options.Activation == Activation.Relu ? (float.PositiveInfinity, float.Epsilon) : (Open, -Open);
        }
        (opens, closes) = (new int[options.Layers, gates.Length][], new int[options.Layers, gates.Length][]);
        for (int layer = 0; layer < options.Layers; layer++)
            for (int gate = 0; gate < gates.Length; gate++)
                (opens[layer, gate], closes[layer, gate]) = (new int[options.HiddenSize], new int[options.HiddenSize]);
    }

    /// <summary>Counts the steps of a window.</summary>
    /// <param name="planes">A layer's planes, of one row and all steps.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="steps">How many steps.</param>
    public void Add(RecurrentPlanes planes, int layer, int steps)
    {
        for (int gate = 0; gate < gates.Length; gate++)
            for (int step = 0; step < steps; step++)
            {
                ReadOnlySpan<float> values = gates[gate].Plane < 0 ? planes.Hidden.RowSpan(step + 1) : planes.Gates[gates[gate].Plane].RowSpan(step);
                for (int unit = 0; unit < values.Length; unit++)
                {
                    opens[layer, gate][unit] += values[unit] > open ? 1 : 0;
                    closes[layer, gate][unit] += values[unit] < closed ? 1 : 0;
                }
            }
    }

    /// <summary>The shares.</summary>
    /// <param name="tokens">How many tokens have been counted.</param>
    public GateShare[] Shares(int tokens)
    {
        var shares = new List<GateShare>();
        for (int layer = 0; layer < opens.GetLength(0); layer++)
            for (int gate = 0; gate < gates.Length; gate++)
                shares.Add(new GateShare(layer, gates[gate].Name, Of(opens[layer, gate]), Of(closes[layer, gate])));
        return [.. shares];

        double[] Of(int[] counts) => [.. counts.Select(count => (double)count / tokens)];
    }
}
