// A recurrent cell is its gates, its stages and a pointwise formula, forward and backward. The loop over time and the
// products are written once, in RecurrentPass. Stages: products that need an earlier formula of the same step.
namespace Unroll.Kernels;

/// <summary>A cell: gates g with weights W_g, and formulas that turn products into states and gradients into gradients.</summary>
internal interface ICell
{
    /// <summary>G: gates, each with input weights and recurrent weights.</summary>
    static abstract int Gates { get; }

    /// <summary>Planes of [T·B, H] that hold pre-activations, then activations, then their gradients: at least G.</summary>
    static abstract int Planes { get; }

    /// <summary>Stages of a step: 1, or 2 where a gate's product reads what the first formula made.</summary>
    static abstract int Stages { get; }

    /// <summary>Whether there is a memory cell beside the hidden vector.</summary>
    static abstract bool HasCell { get; }

    /// <summary>Whether the formula keeps one more plane: tanh(c), or r ⊙ h which is also the second stage's source.</summary>
    static abstract bool HasExtra { get; }

    /// <summary>The plane to which gate g's recurrent product is added; its input product always goes to plane g.</summary>
    static abstract int RecurrentPlane(int gate);

    /// <summary>The stage in which gate g's recurrent product is made.</summary>
    static abstract int Stage(int gate);

    /// <summary>Whether <see cref="Activate"/> does anything.</summary>
    static abstract bool Activates { get; }

    /// <summary>The part of a stage's formula that needs its products only, done for a whole block before the rest: many short
    /// independent chains keep the processor's units full, where one long chain per unit waits for itself.</summary>
    static abstract void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;

    /// <summary>The formula of a stage on one vector of units at offset <paramref name="i"/> of every plane.</summary>
    static abstract void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;

    /// <summary>Its derivative: from the gradient of the stage's result to the gradients of its pre-activations, in place.</summary>
    static abstract void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;
}

/// <summary>Where one time step lies in every plane: row b is b strides further on, in all of them.</summary>
internal unsafe struct CellStep
{
    /// <summary>Pre-activations; activations after the forward formula; gradients of the pre-activations after the backward one.</summary>
    public float* Gate0, Gate1, Gate2, Gate3;

    /// <summary>The cell's extra plane, if it has one.</summary>
    public float* Extra;

    /// <summary>h[t−1] and h[t].</summary>
    public float* HiddenBefore, Hidden;

    /// <summary>c[t−1] and c[t].</summary>
    public float* CellBefore, Cell;

    /// <summary>∂loss/∂h[t−1], to which a formula adds what reaches h[t−1] past the products, and ∂loss/∂h[t].</summary>
    public float* HiddenGradientBefore, HiddenGradient;

    /// <summary>∂loss/∂c, carried from step to step in place.</summary>
    public float* CellGradient;

    /// <summary>∂loss/∂(the second stage's source).</summary>
    public float* ExtraGradient;
}
