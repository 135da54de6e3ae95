namespace Unroll.Kernels;

/// <summary>One step of Adagrad (Duchi et al. 2011) over the rows of a sparse table, with one sum for each row: rows that are touched
/// seldom move in large steps and those touched often in ever smaller ones, whatever minibatches they were touched in.</summary>
internal static class RowUpdate
{
    private const double Epsilon = 1e-12;

    /// <summary>s ← s + mean(g²); p ← p − η·g / √(s + s₀).</summary>
    /// <param name="values">A row, p.</param>
    /// <param name="gradients">Its gradient; multiplied by the scale it is g.</param>
    /// <param name="square">mean(g²).</param>
    /// <param name="squares">The row's sum, s.</param>
    /// <param name="prior">s₀: what rows in general have, so that one touched for the first time does not move by a whole step.</param>
    /// <param name="rate">η.</param>
    /// <param name="scale">What the gradient is multiplied by.</param>
    public static void Apply(Span<float> values, ReadOnlySpan<float> gradients, double square, ref float squares, double prior, double rate, double scale)
    {
        squares += (float)square;
        RowOperations.AddScaled(gradients, values, -(float)(rate * scale / Math.Sqrt(squares + prior + Epsilon)));
    }
}
