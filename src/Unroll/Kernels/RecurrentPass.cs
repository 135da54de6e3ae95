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
                for (int number = 0; number < grid.Count; number++)
                {
                    Block block = grid[number];
                    if (stage == 0)
                        Initialise(planes, tokens, t, block);
                    for (int gate = 0; gate < TCell.Gates; gate++)
                    {
                        if (TCell.Stage(gate) != stage)
                            continue;
                        Matrix source = stage == 0 ? planes.Hidden : planes.Extra, target = planes.Gates[TCell.RecurrentPlane(gate)];
                        Product(block.Rows(source, planes.FirstRow(source, t)), planes.Recurrent, gate, block.Rows(target, planes.FirstRow(target, t)), block);
                    }
                    ForwardBlock(planes, stage, t, block);
                }
                team.Meet(thread);
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
                for (int number = 0; number < grid.Count; number++)
                {
                    Block block = grid[number];
                    // What the products above this formula pass back: those of step t+1, or of this step's second stage.
                    bool lastStage = stage == TCell.Stages - 1;
                    int from = lastStage ? t + 1 : t;
                    Matrix target = lastStage ? block.Rows(planes.HiddenGradient, (t + 1) * planes.Batch) : block.Rows(planes.ExtraGradient, 0);
                    if (!lastStage)
                        ClearBlock(target, block);
                    for (int gate = 0; from < steps && gate < TCell.Gates; gate++)
                    {
                        if (TCell.Stage(gate) != (lastStage ? 0 : stage + 1))
                            continue;
                        Product(block.Rows(planes.Gates[TCell.RecurrentPlane(gate)], from * planes.Batch), planes.RecurrentBackward, gate, target, block);
                    }
                    BackwardBlock(planes, stage, t, block);
                }
                team.Meet(thread);
            }
        }
    }

    private static int Width => 2 * L.Width;

    /// <summary>The formula over a block. Compiled in full at once: a first window should not crawl.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardBlock(RecurrentPlanes planes, int stage, int t, Block block)
    {
        CellStep step = Step(planes, t);
        if (TCell.Activates)
            for (int row = block.FirstRow; row < block.EndRow; row++)
            {
                nint end = row * (nint)planes.Stride + block.EndPanel * Width;
                for (nint i = row * (nint)planes.Stride + block.FirstPanel * Width; i < end; i += L.Width)
                    TCell.Activate<L>(stage, in step, i);
            }
        for (int row = block.FirstRow; row < block.EndRow; row++)
        {
            nint end = row * (nint)planes.Stride + block.EndPanel * Width;
            for (nint i = row * (nint)planes.Stride + block.FirstPanel * Width; i < end; i += L.Width)
                TCell.Forward<L>(stage, in step, i);
        }
    }

    /// <summary>The derivative over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardBlock(RecurrentPlanes planes, int stage, int t, Block block)
    {
        CellStep step = Step(planes, t);
        for (int row = block.FirstRow; row < block.EndRow; row++)
        {
            nint end = row * (nint)planes.Stride + block.EndPanel * Width;
            for (nint i = row * (nint)planes.Stride + block.FirstPanel * Width; i < end; i += L.Width)
                TCell.Backward<L>(stage, in step, i);
        }
    }

    /// <summary>target[:, block] += source × a gate's weights[:, block], over all k in order. Meanwhile the weights are fetched
    /// that the thread reads next: the next gate's, or the first gate's of its next block.</summary>
    private static void Product(Matrix source, PackedMatrix[] weights, int gate, Matrix target, Block block)
    {
        float* next = gate + 1 < TCell.Gates ? weights[gate + 1].Panel(block.FirstPanel, 0) : weights[0].Panel(block.NextPanel, 0);
        MatrixProduct.Add<L>(source, weights[gate], target, block.FirstPanel, block.EndPanel, next);
    }

    /// <summary>Sets the planes of a block to what the input brings, before the recurrent product is added.</summary>
    private static void Initialise(RecurrentPlanes planes, ReadOnlySpan<int> tokens, int t, Block block)
    {
        for (int plane = 0; plane < TCell.Planes; plane++)
        {
            bool isInput = plane < TCell.Gates;
            if (isInput && planes.Lookup.Length == 0)
                continue;
            int firstRow = planes.FirstRow(planes.Gates[plane], t);
            for (int row = block.FirstRow; row < block.EndRow; row++)
            {
                float* source = isInput ? planes.Lookup[plane].Row(tokens[t * planes.Batch + row]) : planes.Bias.Row(plane);
                float* target = planes.Gates[plane].Row(firstRow + row);
                for (int i = block.FirstPanel * Width; i < block.EndPanel * Width; i += L.Width)
                    L.Load(source + i).Store(target + i);
            }
        }
    }

    private static void ClearBlock(Matrix target, Block block)
    {
        for (int row = 0; row < target.Rows; row++)
            for (int i = block.FirstPanel * Width; i < block.EndPanel * Width; i += L.Width)
                L.Of(0).Store(target.Row(row) + i);
    }

    private static CellStep Step(RecurrentPlanes planes, int t)
    {
        int before = t * planes.Batch;
        int after = before + planes.Batch;
        int gates = planes.FirstRow(planes.Gates[0], t);
        CellStep step = default;
        step.Gate0 = planes.Gates[0].Row(gates);
        if (TCell.Planes > 1)
            step.Gate1 = planes.Gates[1].Row(gates);
        if (TCell.Planes > 2)
            step.Gate2 = planes.Gates[2].Row(gates);
        if (TCell.Planes > 3)
            step.Gate3 = planes.Gates[3].Row(gates);
        if (TCell.HasExtra)
        {
            step.Extra = planes.Extra.Row(planes.FirstRow(planes.Extra, t));
            step.ExtraGradient = planes.ExtraGradient.Pointer;
        }
        step.HiddenBefore = planes.Hidden.Row(before);
        step.Hidden = planes.Hidden.Row(after);
        step.HiddenGradientBefore = planes.HiddenGradient.Row(before);
        step.HiddenGradient = planes.HiddenGradient.Row(after);
        if (TCell.HasCell)
        {
            step.CellBefore = planes.Cell.Row(planes.FirstRow(planes.Cell, t));
            step.Cell = planes.Cell.Row(planes.FirstRow(planes.Cell, t + 1));
            step.CellGradient = planes.CellGradient.Pointer;
        }
        return step;
    }

    /// <summary>Some panels of units by some rows of the batch, and where the thread's next block begins: after the last of a
    /// step, the first again.</summary>
    private readonly record struct Block(int FirstPanel, int EndPanel, int FirstRow, int EndRow, int NextPanel)
    {
        /// <summary>The block's rows of a plane whose step begins at a row.</summary>
        public Matrix Rows(Matrix plane, int stepRow) => plane.Slice(stepRow + FirstRow, EndRow - FirstRow);
    }

    /// <summary>A thread's part of a step's work in blocks: the units of a few panels, near enough for a product's results to
    /// be in the second-level cache when the formula reads them, and so many that what the products of one gate read stays
    /// there from panel to panel. For a single row it is all the thread's panels, which a product then reads side by side.
    /// Rows are split only where the panels alone do not divide among the threads.</summary>
    private readonly struct Grid
    {
        private const int BlockUnits = 64;

        private readonly int batch, rowParts, first, last;

        public Grid(RecurrentPlanes planes, int threads, int thread)
        {
            int panels = planes.Recurrent[0].Panels;
            batch = planes.Batch;
            rowParts = batch == 1 || panels % threads == 0 || panels >= 8 * threads ? 1 : Math.Min(threads, batch);
            (first, last) = Share.Of(panels * rowParts, threads, thread);
            int together = batch == 1 ? panels : rowParts > 1 ? 1 : BlockUnits / Width;
            Count = (last - first + together - 1) / together;
        }

        /// <summary>The number of blocks.</summary>
        public int Count { get; }

        public Block this[int number]
        {
            get
            {
                (int start, int end) = Share.Of(last - first, Count, number);
                (start, end) = (first + start, first + end);
                int next = number + 1 < Count ? end : first;
                if (rowParts == 1)
                    return new Block(start, end, 0, batch, next);
                (int firstRow, int endRow) = Share.Of(batch, rowParts, start % rowParts);
                return new Block(start / rowParts, start / rowParts + 1, firstRow, endRow, next / rowParts);
            }
        }
    }
}
