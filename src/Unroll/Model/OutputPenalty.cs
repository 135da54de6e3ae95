// Penalties on what the last layer says: large outputs, and outputs that change from step to step. The loss that is reported has
// no part in them; only gradients do.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Activation regularisation and its temporal kind (Merity, McCann and Socher 2017, "Revisiting Activation Regularization for
/// Language RNNs"): α · mean h² + β · mean (h[t] − h[t−1])² over the T·B·H outputs of a window, the latter from its second step on.</summary>
/// <param name="activation">α.</param>
/// <param name="change">β.</param>
/// <param name="outputs">T·B·H.</param>
internal sealed class OutputPenalty(double activation, double change, long outputs)
{
    private readonly float activationScale = (float)(2 * activation / outputs), changeScale = (float)(2 * change / outputs);

    /// <summary>Adds the penalties' gradients to those of a layer's outputs, in some rows of a group's.</summary>
    public void AddGradient(RowGroup group, int layer, int start, int end)
    {
        (int first, int last) = (group.Base, group.Base + group.AllRows);
        for (int row = start; row < end; row++)
        {
            ReadOnlySpan<float> output = Output(row);
            Span<float> gradient = group.OutputGradient(layer, row, row + 1).RowSpan(0);
            if (activationScale > 0)
                RowOperations.AddScaled(output, gradient, activationScale);
            if (changeScale == 0)
                continue;
            // (h[t] − h[t−1]) once for the step before, and once for the step after.
            if (row - group.Rows >= first)
                AddDifference(output, Output(row - group.Rows), gradient);
            if (row + group.Rows < last)
                AddDifference(output, Output(row + group.Rows), gradient);
        }

        ReadOnlySpan<float> Output(int row) => group.Output(layer, row, row + 1).RowSpan(0);
    }

    private void AddDifference(ReadOnlySpan<float> output, ReadOnlySpan<float> other, Span<float> gradient)
    {
        RowOperations.AddScaled(output, gradient, changeScale);
        RowOperations.AddScaled(other, gradient, -changeScale);
    }
}
