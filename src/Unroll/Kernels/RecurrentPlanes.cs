namespace Unroll.Kernels;

/// <summary>Everything one recurrent layer reads and writes over a window: planes of rows t·B + b, all with the same stride,
/// zero in the padding beyond H. Filled in by the owner; the passes allocate nothing. Where nothing is trained, gates (with
/// lookup input), the extra plane and memory cells need no more than one step's rows, used again and again: they stay in the
/// nearest cache.</summary>
internal sealed class RecurrentPlanes
{
    /// <summary>B.</summary>
    public required int Batch { get; init; }

    /// <summary>H.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Floats from one row to the next, in every plane.</summary>
    public int Stride => Hidden.Stride;

    /// <summary>The first row of a step in a plane of all steps, or of the only step there is.</summary>
    public int FirstRow(Matrix plane, int step) => plane.Rows > Batch ? step * Batch : 0;

    /// <summary>Per plane [T·B, H]: pre-activations, then activations, then gradients (see <see cref="CellStep"/>).</summary>
    public required Matrix[] Gates { get; init; }

    /// <summary>[T·B, H]: tanh(c), or r ⊙ h; empty for cells without.</summary>
    public required Matrix Extra { get; init; }

    /// <summary>[(T+1)·B, H]: the state before the window, then h after each step.</summary>
    public required Matrix Hidden { get; init; }

    /// <summary>[(T+1)·B, H]: likewise c; empty for cells without.</summary>
    public required Matrix Cell { get; init; }

    /// <summary>[(T+1)·B, H]: ∂loss/∂h, shifted like <see cref="Hidden"/>; empty where nothing is trained.</summary>
    public Matrix HiddenGradient { get; init; }

    /// <summary>[B, H]: ∂loss/∂c, carried backward.</summary>
    public Matrix CellGradient { get; init; }

    /// <summary>[B, H]: ∂loss/∂(r ⊙ h).</summary>
    public Matrix ExtraGradient { get; init; }

    /// <summary>Per gate: W_hhᵀ packed, [H, H].</summary>
    public required PackedMatrix[] Recurrent { get; init; }

    /// <summary>Per gate: W_hh packed, [H, H]; empty where nothing is trained.</summary>
    public required PackedMatrix[] RecurrentBackward { get; init; }

    /// <summary>Per input plane [V, H]: what a token adds to the pre-activations, bias included. Empty for dense input,
    /// whose product stands in <see cref="Gates"/> already.</summary>
    public required Matrix[] Lookup { get; init; }

    /// <summary>[P, H]: the biases each plane starts from, where no lookup or product brings them.</summary>
    public required Matrix Bias { get; init; }
}
