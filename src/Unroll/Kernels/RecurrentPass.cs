// The loop over time, written once for every cell, forward and backward under one another. A group of threads owns some rows of
// the batch for the whole window; each of its threads owns some of the hidden units (and their weights, which stay in its
// cache), and they meet once per stage of a step. A group of one thread never meets.
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

    /// <summary>What the cell is.</summary>
    public abstract CellShape Shape { get; }

    /// <summary>From the state in the first rows of Hidden (and Memory) through <paramref name="steps"/> steps; every member calls it.</summary>
    /// <param name="weights">The layer's.</param>
    /// <param name="planes">The group's rows.</param>
    /// <param name="tokens">[steps·B] ids, for lookup input and to tell where documents end.</param>
    /// <param name="end">The token that ends a document: a row that reads it does so from a zero state; or <see cref="DocumentStarts.None"/>.</param>
    /// <param name="factors">[steps·B] what the rows of the tokens are multiplied by; empty = nothing.</param>
    /// <param name="steps">Steps, at most T.</param>
    /// <param name="mask">[B, H] factors of h after every step, which the next step and whoever stands above then read; empty = none.
    /// For cells whose formulas never read h themselves: those with a memory.</param>
    /// <param name="group">The threads.</param>
    /// <param name="member">Which of them calls.</param>
    public abstract void Forward(
        RecurrentWeights weights, RecurrentPlanes planes, ReadOnlySpan<int> tokens, int end, ReadOnlySpan<float> factors, int steps, Matrix mask, ThreadGroup group,
        int member);

    /// <summary>From ∂loss/∂h of every step (in HiddenGradient) to the gradients of all pre-activations (in Gates); every member calls it.</summary>
    public abstract void Backward(
        RecurrentWeights weights, RecurrentPlanes planes, ReadOnlySpan<int> tokens, int end, int steps, Matrix mask, ThreadGroup group, int member);
}

/// <inheritdoc cref="RecurrentPass"/>
internal sealed unsafe class RecurrentPass<TCell, L> : RecurrentPass where TCell : struct, ICell where L : struct, ILanes<L>
{
    // The cell's products by stage: those of stage s are [s].
    private readonly int[][] productsOfStage;
    private readonly CellShape shape = TCell.Shape;

    public RecurrentPass()
    {
        productsOfStage = [.. Enumerable.Range(0, shape.Stages)
            .Select(stage => Enumerable.Range(0, shape.Products.Length).Where(product => shape.Products[product].Stage == stage).ToArray())];
    }

    public override CellShape Shape => shape;

    public override void Forward(
        RecurrentWeights weights, RecurrentPlanes planes, ReadOnlySpan<int> tokens, int end, ReadOnlySpan<float> factors, int steps, Matrix mask, ThreadGroup group,
        int member)
    {
        var blocks = new RecurrentBlocks(planes.Hidden.Columns, planes.Batch, group.Members, member);
        var starts = new DocumentStarts(planes, tokens, end);
        for (int t = 0; t < steps; t++)
        {
            for (int stage = 0; stage < productsOfStage.Length; stage++)
            {
                for (int number = 0; number < blocks.Count; number++)
                {
                    RecurrentBlock block = blocks[number];
                    if (stage == 0)
                        Initialise(weights, planes, tokens, factors, t, block);
                    bool begins = starts.Any(t, block);
                    int[] products = productsOfStage[stage];
                    for (int i = 0; i < products.Length; i++)
                    {
                        RecurrentProduct product = shape.Products[products[i]];
                        Matrix source = product.Source == ProductSource.Hidden ? planes.Hidden : planes.Extra, target = planes.Gates[product.Plane];
                        if (begins)
                            starts.Keep(t, target, planes.FirstRow(target, t), block);
                        Product(block.Rows(source, planes.FirstRow(source, t)), weights.Recurrent, products, i, block.Rows(target, planes.FirstRow(target, t)),
                            block, TileStart.Given);
                        if (begins)
                            starts.PutBack(t, target, planes.FirstRow(target, t), block);
                    }
                    if (!TCell.Normalises)
                        ForwardBlock(planes, starts, stage, t, mask, block);
                }
                if (TCell.Normalises)
                {
                    group.Meet(member);
                    Normalise(planes, stage, t, group.Members, member, backward: false);
                    group.Meet(member);
                    for (int number = 0; number < blocks.Count; number++)
                        ForwardBlock(planes, starts, stage, t, mask, blocks[number]);
                }
                if (shape.Products.Length > 0)
                    group.Meet(member);
            }
        }
        if (shape.Products.Length == 0)
            group.Meet(member);
    }

    public override void Backward(
        RecurrentWeights weights, RecurrentPlanes planes, ReadOnlySpan<int> tokens, int end, int steps, Matrix mask, ThreadGroup group, int member)
    {
        var blocks = new RecurrentBlocks(planes.Hidden.Columns, planes.Batch, group.Members, member);
        var starts = new DocumentStarts(planes, tokens, end);
        for (int t = steps - 1; t >= 0; t--)
        {
            for (int stage = productsOfStage.Length - 1; stage >= 0; stage--)
            {
                // What the products above this formula pass back: those of step t+1, or of this step's next stage. Each gate's
                // sum is a chain of its own, and the chains are added in the order of the products.
                bool lastStage = stage == productsOfStage.Length - 1;
                int from = lastStage ? t + 1 : t;
                int[] products = productsOfStage[lastStage ? 0 : stage + 1];
                for (int number = 0; number < blocks.Count; number++)
                {
                    RecurrentBlock block = blocks[number];
                    Matrix target = lastStage ? block.Rows(planes.HiddenGradient, (t + 1) * planes.Batch) : block.Rows(planes.ExtraGradient, 0);
                    if (!lastStage)
                        ClearBlock(target, block);
                    bool begins = lastStage && from < steps && starts.Any(from, block); // and passes nothing back
                    if (begins)
                        starts.Keep(from, planes.HiddenGradient, from * planes.Batch, block);
                    for (int i = 0; from < steps && i < products.Length; i++)
                        Product(block.Rows(planes.Gates[shape.Products[products[i]].Plane], from * planes.Batch), weights.RecurrentBackward, products, i, target,
                            block, TileStart.ZeroThenAdded);
                    if (begins)
                        starts.PutBack(from, planes.HiddenGradient, from * planes.Batch, block);
                    BackwardBlock(planes, starts, stage, t, mask, block);
                }
                if (TCell.Normalises)
                {
                    group.Meet(member);
                    Normalise(planes, stage, t, group.Members, member, backward: true);
                }
                if (shape.Products.Length > 0)
                    group.Meet(member);
            }
        }
        if (shape.Products.Length == 0)
            group.Meet(member);
    }

    private static int Width => 2 * L.Width;

    private static void ForwardBlock(RecurrentPlanes planes, in DocumentStarts starts, int stage, int t, Matrix mask, RecurrentBlock block)
    {
        bool begins = starts.Any(t, block);
        if (begins)
            starts.Forget(t, block, backward: false);
        ForwardBlock(planes, stage, t, mask, block);
        if (begins)
            starts.Remember(t, block, backward: false);
    }

    private static void BackwardBlock(RecurrentPlanes planes, in DocumentStarts starts, int stage, int t, Matrix mask, RecurrentBlock block)
    {
        bool begins = starts.Any(t, block);
        if (begins)
            starts.Forget(t, block, backward: true);
        BackwardBlock(planes, stage, t, mask, block);
        if (begins)
            starts.Remember(t, block, backward: true);
    }

    /// <summary>The formula over a block. Compiled in full at once: a first window should not crawl.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardBlock(RecurrentPlanes planes, int stage, int t, Matrix mask, RecurrentBlock block)
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
        if (!mask.IsEmpty)
            MaskBlock(step.Hidden, mask, planes.Stride, block);
    }

    /// <summary>The derivative over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardBlock(RecurrentPlanes planes, int stage, int t, Matrix mask, RecurrentBlock block)
    {
        CellStep step = Step(planes, t);
        if (!mask.IsEmpty)
            MaskBlock(step.HiddenGradient, mask, planes.Stride, block);
        for (int row = block.FirstRow; row < block.EndRow; row++)
        {
            nint end = row * (nint)planes.Stride + block.EndPanel * Width;
            for (nint i = row * (nint)planes.Stride + block.FirstPanel * Width; i < end; i += L.Width)
                TCell.Backward<L>(stage, in step, i);
        }
    }

    /// <summary>values ⊙ mask over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaskBlock(float* values, Matrix mask, int stride, RecurrentBlock block)
    {
        for (int row = block.FirstRow; row < block.EndRow; row++)
        {
            float* target = values + row * (nint)stride, factors = mask.Row(row);
            for (nint i = block.FirstPanel * Width; i < block.EndPanel * Width; i += L.Width)
                (L.Load(target + i) * L.Load(factors + i)).Store(target + i);
        }
    }

    /// <summary>Whole rows, shared out among the members.</summary>
    private static void Normalise(RecurrentPlanes planes, int stage, int t, int members, int member, bool backward)
    {
        CellStep step = Step(planes, t);
        (int row, int end) = Share.Of(planes.Batch, members, member);
        for (; row < end; row++)
        {
            if (backward)
                TCell.NormaliseBackward<L>(stage, in step, row * (nint)planes.Stride, planes.Hidden.Columns);
            else
                TCell.Normalise<L>(stage, in step, row * (nint)planes.Stride, planes.Hidden.Columns);
        }
    }

    /// <summary>target[:, block] += source × a gate's weights[:, block], over all k in order. Meanwhile the weights are fetched
    /// that the thread reads next: the next product's, or the first's of its next block.</summary>
    private static void Product(Matrix source, PackedMatrix[] weights, int[] products, int i, Matrix target, RecurrentBlock block, TileStart start)
    {
        float* next = i + 1 < products.Length ? weights[products[i + 1]].Panel(block.FirstPanel, 0) : weights[products[0]].Panel(block.NextPanel, 0);
        MatrixProduct.Add<L>(source, weights[products[i]], target, block.FirstPanel, block.EndPanel, start, next);
    }

    /// <summary>Sets the planes of a block to what the input brings, before the recurrent product is added.</summary>
    private void Initialise(RecurrentWeights weights, RecurrentPlanes planes, ReadOnlySpan<int> tokens, ReadOnlySpan<float> factors, int t, RecurrentBlock block)
    {
        for (int plane = 0; plane < shape.Planes; plane++)
        {
            bool isInput = plane < shape.Gates;
            if (isInput && weights.Lookup.Length == 0)
                continue;
            int firstRow = planes.FirstRow(planes.Gates[plane], t);
            for (int row = block.FirstRow; row < block.EndRow; row++)
            {
                float* source = isInput ? weights.Lookup[plane].Row(tokens[t * planes.Batch + row]) : weights.Bias.Row(plane);
                float* target = planes.Gates[plane].Row(firstRow + row);
                if (isInput && factors.Length > 0)
                {
                    Scale(source, weights.Bias.Row(plane), target, factors[t * planes.Batch + row], block);
                    continue;
                }
                for (int i = block.FirstPanel * Width; i < block.EndPanel * Width; i += L.Width)
                    L.Load(source + i).Store(target + i);
            }
        }
    }

    /// <summary>target = factor · (source − bias) + bias: the bias, which stands in the source, is nothing that the input brings.</summary>
    private static void Scale(float* source, float* bias, float* target, float factor, RecurrentBlock block)
    {
        L scale = L.Of(factor);
        for (int i = block.FirstPanel * Width; i < block.EndPanel * Width; i += L.Width)
        {
            L start = L.Load(bias + i);
            L.FusedMultiplyAdd(scale, L.Load(source + i) - start, start).Store(target + i);
        }
    }

    private static void ClearBlock(Matrix target, RecurrentBlock block)
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
        float** gate = &step.Gate0;
        for (int plane = 0; plane < planes.Gates.Length; plane++)
            gate[plane] = planes.Gates[plane].Row(gates);
        if (!planes.Extra.IsEmpty)
            step.Extra = planes.Extra.Row(planes.FirstRow(planes.Extra, t));
        step.ExtraGradient = planes.ExtraGradient.Pointer;
        step.HiddenBefore = planes.Hidden.Row(before);
        step.Hidden = planes.Hidden.Row(after);
        step.HiddenGradientBefore = planes.HiddenGradient.Row(before);
        step.HiddenGradient = planes.HiddenGradient.Row(after);
        if (!planes.Memory.IsEmpty)
        {
            step.MemoryBefore = planes.Memory.Row(planes.FirstRow(planes.Memory, t));
            step.Memory = planes.Memory.Row(planes.FirstRow(planes.Memory, t + 1));
            step.MemoryGradient = planes.MemoryGradient.Pointer;
        }
        return step;
    }
}
