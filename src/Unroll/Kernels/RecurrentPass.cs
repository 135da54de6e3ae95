// The loop over time, written once for every cell, forward and backward under one another. Each thread owns some of the
// hidden units (and their weights, which stay in its cache) for all steps; the threads meet once per stage of a step.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>A recurrent layer over a window.</summary>
internal abstract class RecurrentPass
{
    /// <summary>The pass for a cell at this machine's vector width.</summary>
    public static RecurrentPass For<TCell>() where TCell : struct, ICell =>
        LaneWidth.Is16 ? new RecurrentPass<TCell, Lanes16>()
        : LaneWidth.Is8 ? new RecurrentPass<TCell, Lanes8>()
        : LaneWidth.Is4 ? new RecurrentPass<TCell, Lanes4>()
        : new RecurrentPass<TCell, Lanes1>();

    public abstract int Gates { get; }

    public abstract int Planes { get; }

    public abstract bool HasCell { get; }

    public abstract bool HasExtra { get; }

    public abstract int RecurrentPlane(int gate);

    /// <summary>Whether gate g's recurrent product reads the extra plane (r ⊙ h) instead of h[t−1].</summary>
    public abstract bool ReadsExtra(int gate);

    /// <summary>From the state in the first rows of Hidden (and Cell) through <paramref name="steps"/> steps; every thread calls it.</summary>
    /// <param name="planes">The layer.</param>
    /// <param name="tokens">[steps·B] ids for lookup input; otherwise ignored.</param>
    /// <param name="steps">Steps, at most T.</param>
    /// <param name="team">The threads.</param>
    /// <param name="thread">This thread's number.</param>
    public abstract void Forward(RecurrentPlanes planes, ReadOnlySpan<int> tokens, int steps, ThreadTeam team, int thread);

    /// <summary>From ∂loss/∂h of every step (in HiddenGradient) to the gradients of all pre-activations (in Gates); every thread calls it.</summary>
    public abstract void Backward(RecurrentPlanes planes, int steps, ThreadTeam team, int thread);
}

/// <inheritdoc cref="RecurrentPass"/>
internal sealed unsafe class RecurrentPass<TCell, L> : RecurrentPass where TCell : struct, ICell where L : struct, ILanes<L>
{
    public override int Gates => TCell.Gates;

    public override int Planes => TCell.Planes;

    public override bool HasCell => TCell.HasCell;

    public override bool HasExtra => TCell.HasExtra;

    public override int RecurrentPlane(int gate) => TCell.RecurrentPlane(gate);

    public override bool ReadsExtra(int gate) => TCell.Stage(gate) > 0;

    public override void Forward(RecurrentPlanes planes, ReadOnlySpan<int> tokens, int steps, ThreadTeam team, int thread)
    {
        var grid = new Grid(planes, team.Count, thread);
        for (int t = 0; t < steps; t++)
        {
            for (int stage = 0; stage < TCell.Stages; stage++)
            {
                for (int block = grid.Start; block < grid.End; block++)
                {
                    (int panel, int row, int rows) = grid.Block(block);
                    if (stage == 0)
                        Initialise(planes, tokens, t, panel, row, rows);
                    for (int gate = 0; gate < TCell.Gates; gate++)
                    {
                        if (TCell.Stage(gate) != stage)
                            continue;
                        Matrix source = stage == 0 ? planes.Hidden : planes.Extra;
                        Product(planes.Recurrent[gate], panel, source.Slice(t * planes.Batch + row, rows),
                            planes.Gates[TCell.RecurrentPlane(gate)].Slice(t * planes.Batch + row, rows));
                    }
                    for (int r = row; r < row + rows; r++)
                    {
                        CellStep step = Row(planes, t, r);
                        for (int i = panel * Width; i < (panel + 1) * Width; i += L.Width)
                            TCell.Forward<L>(stage, in step, i);
                    }
                }
                team.Meet();
            }
        }
    }

    public override void Backward(RecurrentPlanes planes, int steps, ThreadTeam team, int thread)
    {
        var grid = new Grid(planes, team.Count, thread);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int stage = TCell.Stages - 1; stage >= 0; stage--)
            {
                for (int block = grid.Start; block < grid.End; block++)
                {
                    (int panel, int row, int rows) = grid.Block(block);
                    // What the products above this formula pass back: those of step t+1, or of this step's second stage.
                    bool lastStage = stage == TCell.Stages - 1;
                    int from = lastStage ? t + 1 : t;
                    Matrix target = lastStage ? planes.HiddenGradient.Slice((t + 1) * planes.Batch + row, rows) : planes.ExtraGradient.Slice(row, rows);
                    if (!lastStage)
                        ClearBlock(target, panel);
                    for (int gate = 0; from < steps && gate < TCell.Gates; gate++)
                    {
                        if (TCell.Stage(gate) != (lastStage ? 0 : stage + 1))
                            continue;
                        Product(planes.RecurrentBackward[gate], panel,
                            planes.Gates[TCell.RecurrentPlane(gate)].Slice(from * planes.Batch + row, rows), target);
                    }
                    for (int r = row; r < row + rows; r++)
                    {
                        CellStep step = Row(planes, t, r);
                        for (int i = panel * Width; i < (panel + 1) * Width; i += L.Width)
                            TCell.Backward<L>(stage, in step, i);
                    }
                }
                team.Meet();
            }
        }
    }

    private static int Width => 2 * L.Width;

    /// <summary>target[:, panel] += source × weights[:, panel], over all k in order.</summary>
    private static void Product(PackedMatrix weights, int panel, Matrix source, Matrix target)
    {
        for (int k = 0; k < weights.Rows; k += MatrixProduct.KBlock)
        {
            int depth = Math.Min(MatrixProduct.KBlock, weights.Rows - k);
            MatrixProduct.Panel<L>(source.Rows, depth, source.Pointer + k, source.Stride, 1, weights, panel, k,
                target.Pointer + panel * Width, target.Stride);
        }
    }

    /// <summary>Sets the planes of a block to what the input brings, before the recurrent product is added.</summary>
    private static void Initialise(RecurrentPlanes planes, ReadOnlySpan<int> tokens, int t, int panel, int row, int rows)
    {
        int unit = panel * Width;
        for (int plane = 0; plane < TCell.Planes; plane++)
        {
            bool isInput = plane < TCell.Gates;
            if (isInput && planes.Lookup.Length == 0)
                continue;
            for (int r = row; r < row + rows; r++)
            {
                int index = t * planes.Batch + r;
                float* source = (isInput ? planes.Lookup[plane].Row(tokens[index]) : planes.Bias.Row(plane)) + unit;
                float* target = planes.Gates[plane].Row(index) + unit;
                L.Load(source).Store(target);
                L.Load(source + L.Width).Store(target + L.Width);
            }
        }
    }

    private static void ClearBlock(Matrix target, int panel)
    {
        for (int r = 0; r < target.Rows; r++)
            for (int i = panel * Width; i < (panel + 1) * Width; i += L.Width)
                L.Of(0).Store(target.Row(r) + i);
    }

    private static CellStep Row(RecurrentPlanes planes, int t, int row)
    {
        int before = t * planes.Batch + row;
        int after = before + planes.Batch;
        CellStep step = default;
        step.Gate0 = planes.Gates[0].Row(before);
        if (TCell.Planes > 1)
            step.Gate1 = planes.Gates[1].Row(before);
        if (TCell.Planes > 2)
            step.Gate2 = planes.Gates[2].Row(before);
        if (TCell.Planes > 3)
            step.Gate3 = planes.Gates[3].Row(before);
        if (TCell.HasExtra)
        {
            step.Extra = planes.Extra.Row(before);
            step.ExtraGradient = planes.ExtraGradient.Row(row);
        }
        step.HiddenBefore = planes.Hidden.Row(before);
        step.Hidden = planes.Hidden.Row(after);
        step.HiddenGradientBefore = planes.HiddenGradient.Row(before);
        step.HiddenGradient = planes.HiddenGradient.Row(after);
        if (TCell.HasCell)
        {
            step.CellBefore = planes.Cell.Row(before);
            step.Cell = planes.Cell.Row(after);
            step.CellGradient = planes.CellGradient.Row(row);
        }
        return step;
    }

    /// <summary>A step's work as blocks of one panel of units by some rows of the batch. Rows are split only where the
    /// panels alone do not divide among the threads.</summary>
    private readonly struct Grid
    {
        private readonly int batch;
        private readonly int rowParts;

        public Grid(RecurrentPlanes planes, int threads, int thread)
        {
            batch = planes.Batch;
            int panels = planes.Recurrent[0].Panels;
            rowParts = panels % threads == 0 || panels >= 8 * threads ? 1 : Math.Min(threads, batch);
            (Start, End) = Share.Of(panels * rowParts, threads, thread);
        }

        public int Start { get; }

        public int End { get; }

        public (int Panel, int Row, int Rows) Block(int block)
        {
            (int start, int end) = Share.Of(batch, rowParts, block % rowParts);
            return (block / rowParts, start, end - start);
        }
    }
}
