using Unroll.Kernels;

namespace Unroll.Looking;

/// <summary>The states of one network after each token of a text.</summary>
/// <param name="options">The network's shape.</param>
/// <param name="tokens">T.</param>
/// <param name="before">Its state before the first token.</param>
internal sealed class StateRows(ModelOptions options, int tokens, RecurrentState before)
{
    private readonly int units = options.HiddenSize, layers = options.Layers;
    private readonly float[][] values = [.. Enumerable.Range(0, before.Kinds).Select(_ => new float[(long)tokens * options.Layers * options.HiddenSize])]; // [kind][T, L, H]

    /// <summary>Hidden vectors, and memory cells where there are any.</summary>
    public int Kinds => values.Length;

    /// <summary>How many numbers are kept for each token.</summary>
    public static int NumbersPerToken(ModelOptions options) => options.Layers * options.HiddenSize * Model.Cells.ShapeOf(options).States.Count;

    /// <summary>A state after a token, [H].</summary>
    public Span<float> Row(int kind, int token, int layer) => values[kind].AsSpan((token * layers + layer) * units, units);

    /// <summary>Takes over what a step of a window left.</summary>
    /// <param name="planes">The layer's planes, of one row and all steps.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="step">The step.</param>
    /// <param name="token">Which token it read.</param>
    public void Take(RecurrentPlanes planes, int layer, int step, int token)
    {
        for (int kind = 0; kind < values.Length; kind++)
            planes.State(kind).RowSpan(step + 1).CopyTo(Row(kind, token, layer));
    }

    /// <summary>The state before a token, but for the last tokens that were read.</summary>
    public RecurrentState Before(int token)
    {
        RecurrentState state = before.Clone();
        for (int kind = 0; token > 0 && kind < values.Length; kind++)
            for (int layer = 0; layer < layers; layer++)
                Row(kind, token - 1, layer).CopyTo(state.Row(kind, layer, row: 0));
        return state;
    }
}
