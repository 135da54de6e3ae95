namespace Unroll;

/// <summary>What a model remembers between tokens: per layer a hidden vector, and for an LSTM a memory cell, for each
/// row of a batch. It belongs to the caller: clone it to branch a conversation, save it to go on later.</summary>
public sealed class RecurrentState
{
    private readonly float[][] hidden;
    private readonly float[][] cell;

    /// <summary>A zero state.</summary>
    /// <param name="options">The shape of the model whose state it is.</param>
    /// <param name="batch">Rows, B.</param>
    public RecurrentState(ModelOptions options, int batch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (Batch, HiddenSize) = (batch, options.HiddenSize);
        hidden = Allocate(options.Layers);
        cell = Allocate(options.Cell == CellKind.Lstm ? options.Layers : 0);

        float[][] Allocate(int layers) => [.. Enumerable.Range(0, layers).Select(_ => new float[checked(batch * options.HiddenSize)])];
    }

    private RecurrentState(RecurrentState other)
    {
        (Batch, HiddenSize) = (other.Batch, other.HiddenSize);
        hidden = [.. other.hidden.Select(layer => (float[])layer.Clone())];
        cell = [.. other.cell.Select(layer => (float[])layer.Clone())];
    }

    /// <summary>Rows, B.</summary>
    public int Batch { get; }

    /// <summary>Hidden units per layer, H.</summary>
    public int HiddenSize { get; }

    /// <summary>Layers, L.</summary>
    public int Layers => hidden.Length;

    /// <summary>Whether there are memory cells beside the hidden vectors (LSTM).</summary>
    public bool HasCell => cell.Length > 0;

    /// <summary>A layer's hidden vectors, [B, H] row-major.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public Span<float> Hidden(int layer) => hidden[layer];

    /// <summary>A layer's memory cells, [B, H] row-major; LSTM only.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public Span<float> Cell(int layer) => cell[layer];

    /// <summary>A copy that shares nothing with this one.</summary>
    public RecurrentState Clone() => new(this);

    /// <summary>Sets every number to zero: the state before any token.</summary>
    public void Clear()
    {
        foreach (float[] layer in hidden.Concat(cell))
            layer.AsSpan().Clear();
    }
}
