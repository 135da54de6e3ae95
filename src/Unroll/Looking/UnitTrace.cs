using Unroll.Kernels;
using Unroll.Looking;
using Unroll.Model;

namespace Unroll;

/// <summary>What the units of a network did while it read a text; a <see cref="UnitReader"/> makes it. It holds 4 bytes for each token,
/// layer and unit, and as many again where the cells have memories.</summary>
public sealed class UnitTrace
{
    private readonly StateRows states;
    private readonly int start; // what was read before the first token

    internal UnitTrace(LanguageModel network, IReadOnlyList<TokenPrediction> tokens, int[] ids, int start, StateRows states, IReadOnlyList<GateShare> gates) =>
        (Network, Tokens, Ids, this.start, this.states, Gates) = (network, tokens, ids, start, states, gates);

    /// <summary>The text's tokens, and how likely the network held each just before it came.</summary>
    public IReadOnlyList<TokenPrediction> Tokens { get; }

    /// <summary>Layers, L.</summary>
    public int Layers => Network.Options.Layers;

    /// <summary>Units of a layer, H.</summary>
    public int Units => Network.Options.HiddenSize;

    /// <summary>Whether there are memory cells beside the hidden vectors (LSTM, CIFG).</summary>
    public bool HasCell => states.Kinds > 1;

    /// <summary>Layer by layer, how often each gate was open and closed.</summary>
    public IReadOnlyList<GateShare> Gates { get; }

    /// <summary>The network that read it.</summary>
    internal LanguageModel Network { get; }

    /// <summary>The tokens' ids.</summary>
    internal int[] Ids { get; }

    /// <summary>A layer's activations after a token, [H].</summary>
    /// <param name="token">The token, from 0.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token or layer.</exception>
    public ReadOnlySpan<float> Hidden(int token, int layer) => Row(0, token, layer);

    /// <summary>A layer's memory cells after a token, [H]; LSTM and CIFG only.</summary>
    /// <inheritdoc cref="Hidden"/>
    /// <exception cref="InvalidOperationException">The cells have no memory.</exception>
    public ReadOnlySpan<float> Cell(int token, int layer) => HasCell ? Row(1, token, layer) : throw new InvalidOperationException("The network's cells have no memory.");

    /// <summary>One unit's activation after each token, [T].</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="unit">The unit, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or unit.</exception>
    public float[] Activations(int layer, int unit)
    {
        Check(layer, unit);
        float[] values = new float[Tokens.Count];
        for (int token = 0; token < values.Length; token++)
            values[token] = states.Row(0, token, layer)[unit];
        return values;
    }

    /// <summary>How much of a surprise a token was: −log₂ of its probability.</summary>
    /// <param name="token">The token, from 0.</param>
    public double SurpriseInBits(int token) => Tokens[token].Loss / Functions.Log(2);

    /// <summary>The network's state just before a token.</summary>
    internal RecurrentState StateBefore(int token)
    {
        RecurrentState state = states.Before(token);
        Span<float> last = state.LastTokens(row: 0);
        last.Fill(NgramContexts.None);
        for (int back = 0; back < last.Length && back <= token; back++)
            last[back] = back < token ? Ids[token - 1 - back] : start;
        return state;
    }

    private ReadOnlySpan<float> Row(int kind, int token, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Tokens.Count);
        Check(layer, unit: 0);
        return states.Row(kind, token, layer);
    }

    private void Check(int layer, int unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Layers);
        ArgumentOutOfRangeException.ThrowIfNegative(unit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unit, Units);
    }
}
