namespace Unroll.Kernels;

/// <summary>Everything some rows of a recurrent layer read and write over a window: planes of rows t·B + b, all with the same
/// stride, zero in the padding beyond H. Filled in by the owner; the passes allocate nothing. Where nothing is trained, gates
/// (with lookup input), the extra plane and memory need no more than one step's rows, used again and again: they stay in the
/// nearest cache.</summary>
internal sealed class RecurrentPlanes
{
    /// <summary>B: the rows of these planes' part of the batch.</summary>
    public required int Batch { get; init; }

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
    public required Matrix Memory { get; init; }

    /// <summary>What is carried, in the order of <see cref="CellShape.States"/>.</summary>
    public Matrix State(int number) => number == 0 ? Hidden : Memory;

    /// <summary>[(T+1)·B, H]: ∂loss/∂h, shifted like <see cref="Hidden"/>; empty where nothing is trained.</summary>
    public Matrix HiddenGradient { get; init; }

    /// <summary>[B, H]: ∂loss/∂c, carried backward.</summary>
    public Matrix MemoryGradient { get; init; }

    /// <summary>[<see cref="DocumentStarts.Slots"/>·B, H]: what is put aside where documents begin; empty where a text has none.</summary>
    public Matrix Kept { get; init; }

    /// <summary>[B, H]: ∂loss/∂(the extra plane) where a later stage reads it.</summary>
    public Matrix ExtraGradient { get; init; }
}
