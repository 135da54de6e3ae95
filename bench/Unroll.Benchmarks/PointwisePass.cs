// A cell's formulas over one step's planes, without the products around them: the loops of RecurrentPass, a panel of units
// after the other, at the machine's vector width.
using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>One step of a cell, forward and backward.</summary>
internal abstract class PointwisePass : IDisposable
{
    protected List<IDisposable> Owned { get; } = [];

    /// <summary>The pass of a cell at this machine's vector width.</summary>
    public static PointwisePass For<TCell>(int batch, int hidden) where TCell : struct, ICell =>
        LaneWidth.Is16 ? new PointwisePass<TCell, Lanes16>(batch, hidden)
        : LaneWidth.Is8 ? new PointwisePass<TCell, Lanes8>(batch, hidden)
        : LaneWidth.Is4 ? new PointwisePass<TCell, Lanes4>(batch, hidden)
        : new PointwisePass<TCell, Lanes1>(batch, hidden);

    public abstract void Forward();

    public abstract void Backward();

    public void Dispose() => Owned.ForEach(item => item.Dispose());
}

/// <inheritdoc cref="PointwisePass"/>
internal sealed unsafe class PointwisePass<TCell, L> : PointwisePass where TCell : struct, ICell where L : struct, ILanes<L>
{
    private readonly int batch, hidden, stride;
    private CellStep step;

    public PointwisePass(int batch, int hidden)
    {
        (this.batch, this.hidden, stride) = (batch, hidden, Matrix.PaddedStride(hidden));
        // The formulas work in place, so that each call reads what the last one left. Gradients this small end at 0 within
        // a few calls: on the way they would otherwise come to rest among the subnormal numbers, which are slow.
        step.HiddenGradientBefore = Plane(1e-3f);
        step.HiddenGradient = Plane(1e-3f);
        step.MemoryGradient = Plane(1e-3f);
        step.ExtraGradient = Plane(1e-3f);
        step.Gate0 = Plane(1);
        step.Gate1 = Plane(1);
        step.Gate2 = Plane(1);
        step.Gate3 = Plane(1);
        step.HiddenBefore = Plane(1);
        step.Hidden = Plane(1);
        step.MemoryBefore = Plane(1);
        step.Memory = Plane(1);
        step.Extra = Plane(1);
    }

    private static int Width => 2 * L.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward()
    {
        for (int stage = 0; stage < TCell.Shape.Stages; stage++)
        {
            for (int unit = 0; unit < hidden; unit += Width)
            {
                if (TCell.Activates)
                    for (int row = 0; row < batch; row++)
                        for (nint i = row * (nint)stride + unit, end = i + Width; i < end; i += L.Width)
                            TCell.Activate<L>(stage, in step, i);
                for (int row = 0; row < batch; row++)
                    for (nint i = row * (nint)stride + unit, end = i + Width; i < end; i += L.Width)
                        TCell.Forward<L>(stage, in step, i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward()
    {
        for (int stage = TCell.Shape.Stages - 1; stage >= 0; stage--)
            for (int unit = 0; unit < hidden; unit += Width)
                for (int row = 0; row < batch; row++)
                    for (nint i = row * (nint)stride + unit, end = i + Width; i < end; i += L.Width)
                        TCell.Backward<L>(stage, in step, i);
    }

    private float* Plane(float scale) => BenchmarkData.Matrix(batch, hidden, Owned, scale).Pointer;
}
