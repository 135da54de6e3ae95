namespace Unroll.Kernels;

/// <summary>One step of Adagrad (Duchi et al. 2011) over the rows of a sparse table, with one sum for each row: rows that are touched
/// seldom move in large steps and those touched often in ever smaller ones, whatever minibatches they were touched in.</summary>
internal static class RowUpdate
{
    private const double Epsilon = 1e-12;

    /// <summary>s ← s + mean(g²); p ← p − η·g / √(s + ε).</summary>
    /// <param name="values">A row, p.</param>
    /// <param name="gradients">Its gradient; multiplied by the scale it is g.</param>
    /// <param name="squares">The row's sum, s.</param>
    /// <param name="rate">η.</param>
    /// <param name="scale">What the gradient is multiplied by.</param>
    public static void Apply(Span<float> values, ReadOnlySpan<float> gradients, ref float squares, double rate, double scale)
    {
        squares += (float)(GradientNorm.SumOfSquares(gradients) * (scale * scale) / values.Length);
        RowOperations.AddScaled(gradients, values, -(float)(rate * scale / Math.Sqrt(squares + Epsilon)));
    }
}
