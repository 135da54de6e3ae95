using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Dropout of one recurrent layer's outputs on their way up, and of their gradients on the way back.</summary>
internal sealed class OutputDropout : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly int layer;
    private readonly double probability;
    private readonly Matrix mask;
    private readonly PackedMatrix packed;

    /// <param name="layer">Which layer's.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="units">H.</param>
    /// <param name="probability">p.</param>
    public OutputDropout(int layer, int rows, int units, double probability)
    {
        (this.layer, this.probability) = (layer, probability);
        mask = Matrix.Allocate(rows, units, owned);
        Output = Matrix.Allocate(rows, units, owned);
        owned.Add(packed = new PackedMatrix(rows, units));
    }

    /// <summary>[T·B, H]: what the next layer, or the decoder, reads.</summary>
    public Matrix Output { get; }

    /// <summary>Draws masks for a member's rows and applies them. Masks are numbered by layer, step and row of the whole batch, so
    /// that it does not matter who draws them: row (l·T + t)·B + b.</summary>
    public void Forward(Window window, RowGroup group, int start, int end, RandomStream random)
    {
        for (int row = start; row < end;)
        {
            int step = (row - group.Base) / group.Rows, offset = (row - group.Base) % group.Rows, count = Math.Min(end - row, group.Rows - offset);
            Dropout.Fill(mask.Slice(row, count), probability, random, ((long)layer * window.Steps + step) * window.Rows + group.FirstRow + offset);
            row += count;
        }
        Dropout.Apply(group.Output(layer, start, end), mask.Slice(start, end - start), Output.Slice(start, end - start));
    }

    /// <summary>Turns the gradient of what was read above into the gradient of the layer's output.</summary>
    public void Backward(RowGroup group, int start, int end)
    {
        Matrix gradient = group.OutputGradient(layer, start, end);
        Dropout.Apply(gradient, mask.Slice(start, end - start), gradient);
    }

    /// <summary>Rearranges the outputs for weight gradients.</summary>
    public void Pack(SumOrder order, int part, int parts) => packed.Pack(Output, order.Rows, part, parts);

    /// <summary>The outputs, once packed.</summary>
    public PackedRows PackedOutput(int[] starts) => new(packed, starts);

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
