using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A tensor with a row for each token, of which a window touches some rows.</summary>
/// <param name="parameters">The model's.</param>
/// <param name="name">Its name.</param>
/// <param name="gradients">[C, columns]: the gradients of the rows that may be touched, by their place among the window's tokens.</param>
/// <param name="touched">[C] which are; null = all.</param>
internal sealed class SparseTensor(Parameters parameters, string name, Matrix gradients, bool[]? touched)
{
    private readonly ParameterTensor tensor = parameters.Find(name)!;
    private readonly double[] squares = new double[gradients.Rows];

    /// <summary>Sums up the squares of some rows.</summary>
    public void Square(int start, int end)
    {
        for (int place = start; place < end; place++)
            squares[place] = GradientNorm.SumOfSquares(gradients.RowSpan(place));
    }

    /// <summary>Σ g² over the first rows, row by row.</summary>
    public double SumOfSquares(int rows) => GradientNorm.Sum(squares.AsSpan(0, rows));

    /// <summary>Moves some rows, those that are touched.</summary>
    /// <param name="tokens">[C] the tokens that they are of.</param>
    /// <param name="moments">What the rule remembers of all parameters.</param>
    public void Update(ReadOnlySpan<int> tokens, float[][] moments, in UpdateStep step, int start, int end)
    {
        UpdateStep own = step.OfRows(shrinks: !tensor.IsVector);
        for (int place = start; place < end; place++)
        {
            if (touched is not null && !touched[place])
                continue;
            int first = PlaceOf(tokens[place]);
            ParameterUpdate.ApplyToRow(parameters.Storage.AsSpan(first, tensor.Columns), gradients.RowSpan(place), moments, first, own);
        }
    }

    /// <summary>Puts the rows' gradients where they belong among those of all parameters.</summary>
    public void CopyTo(ReadOnlySpan<int> tokens, float[] all)
    {
        for (int place = 0; place < tokens.Length; place++)
            gradients.RowSpan(place).CopyTo(all.AsSpan(PlaceOf(tokens[place])));
    }

    private int PlaceOf(int token) => (int)tensor.Offset + token * tensor.Columns;
}
