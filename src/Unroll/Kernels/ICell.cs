// A recurrent cell is its shape and a pointwise formula, forward and backward. The loop over time and the products are
// written once, in RecurrentPass.
namespace Unroll.Kernels;

/// <summary>A cell: what it is, and formulas that turn products into states and gradients into gradients.</summary>
internal interface ICell
{
    /// <summary>Gates, planes, products and states.</summary>
    static abstract CellShape Shape { get; }

    /// <summary>Whether <see cref="Activate"/> does anything.</summary>
    static abstract bool Activates { get; }

    /// <summary>The part of a stage's formula that needs its products only, done for a whole block before the rest: many short
    /// independent chains keep the processor's units full, where one long chain per unit waits for itself.</summary>
    static abstract void Activate<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;

    /// <summary>The formula of a stage on one vector of units at offset <paramref name="i"/> of every plane.</summary>
    static abstract void Forward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;

    /// <summary>Its derivative: from the gradient of the stage's result to the gradients of its pre-activations, in place.</summary>
    static abstract void Backward<L>(int stage, in CellStep step, nint i) where L : struct, ILanes<L>;

    /// <summary>Whether whole rows are transformed between products and formula (a normalisation, which needs all units).</summary>
    static virtual bool Normalises => false;

    /// <summary>That transformation of a stage's planes for one row of the batch, all H units.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="step">The planes at this step.</param>
    /// <param name="row">Where the row begins in every plane.</param>
    /// <param name="units">H.</param>
    static virtual void Normalise<L>(int stage, in CellStep step, nint row, int units) where L : struct, ILanes<L>
    {
    }

    /// <summary>Its derivative, after <see cref="Backward"/>: from the gradients of what it gave to those of what it was given, in place.</summary>
    static virtual void NormaliseBackward<L>(int stage, in CellStep step, nint row, int units) where L : struct, ILanes<L>
    {
    }
}

/// <summary>Where one time step lies in every plane: row b is b strides further on, in all of them.</summary>
internal unsafe struct CellStep
{
    /// <summary>Pre-activations; activations after the forward formula; gradients of the pre-activations after the backward one.</summary>
    public float* Gate0, Gate1, Gate2, Gate3, Gate4, Gate5, Gate6, Gate7;

    /// <summary>The cell's extra plane, if it has one.</summary>
    public float* Extra;

    /// <summary>h[t−1] and h[t].</summary>
    public float* HiddenBefore, Hidden;

    /// <summary>c[t−1] and c[t]: what is carried beside h.</summary>
    public float* MemoryBefore, Memory;

    /// <summary>∂loss/∂h[t−1], to which a formula adds what reaches h[t−1] past the products, and ∂loss/∂h[t].</summary>
    public float* HiddenGradientBefore, HiddenGradient;

    /// <summary>∂loss/∂c, carried from step to step in place.</summary>
    public float* MemoryGradient;

    /// <summary>∂loss/∂(the extra plane), where a later stage reads it.</summary>
    public float* ExtraGradient;
}
