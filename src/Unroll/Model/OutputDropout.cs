using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Dropout of one recurrent layer's outputs on their way up, and of their gradients on the way back.</summary>
internal sealed class OutputDropout : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly int layer;
    private readonly BatchShare share;
    private readonly double probability;
    private readonly LockedMask? locked;
    private readonly Matrix mask; // [T·B, H], where every step has its own
    private readonly PackedMatrix packed;

    /// <param name="layer">Which layer's.</param>
    /// <param name="share">Which rows.</param>
    /// <param name="steps">T.</param>
    /// <param name="units">H.</param>
    /// <param name="probability">p.</param>
    /// <param name="kind">Whether every step has a mask of its own.</param>
    public OutputDropout(int layer, BatchShare share, int steps, int units, double probability, DropoutMask kind)
    {
        (this.layer, this.share, this.probability) = (layer, share, probability);
        int rows = share.Rows;
        if (kind == DropoutMask.Locked)
            owned.Add(locked = new LockedMask(layer, share, units, probability));
        else
            mask = Matrix.Allocate(rows * steps, units, owned);
        Output = Matrix.Allocate(rows * steps, units, owned);
        owned.Add(packed = new PackedMatrix(rows * steps, units));
    }

    /// <summary>[T·B, H]: what the next layer, or the decoder, reads.</summary>
    public Matrix Output { get; }

    /// <summary>Draws what does not change within the window, for some rows of the batch; the group meets before the rest.</summary>
    public void Draw(int start, int end, RandomStream random) => locked?.Draw(start, end, random);

    /// <summary>Drops outputs in a member's rows. Masks are numbered by layer, step and row of the whole batch, so that it does not
    /// matter who draws them: row (l·T + t)·B + b; locked ones by layer and row: l·B + b.</summary>
    public void Forward(Window window, RowGroup group, int start, int end, RandomStream random)
    {
        foreach ((int row, int step, int first, int count) in group.Steps(start, end))
        {
            if (locked is null)
                Dropout.Fill(mask.Slice(row, count), probability, random, ((long)layer * window.Steps + step) * share.Batch + share.FirstRow + first);
            Dropout.Apply(group.Output(layer, row, row + count), Factors(row, first, count), Output.Slice(row, count));
        }
    }

    /// <summary>Turns the gradient of what was read above into the gradient of the layer's output.</summary>
    public void Backward(RowGroup group, int start, int end)
    {
        foreach ((int row, _, int first, int count) in group.Steps(start, end))
        {
            Matrix gradient = group.OutputGradient(layer, row, row + count);
            Dropout.Apply(gradient, Factors(row, first, count), gradient);
        }
    }

    /// <summary>Rearranges the outputs for weight gradients.</summary>
    public void Pack(SumOrder order, int part, int parts) => packed.Pack(Output, order.Rows, part, parts);

    /// <summary>The outputs, once packed.</summary>
    public PackedRows PackedOutput(int[] starts) => new(packed, starts);

    public void Dispose() => owned.ForEach(item => item.Dispose());

    private Matrix Factors(int row, int first, int count) => locked is null ? mask.Slice(row, count) : locked.Factors.Slice(first, count);
}
