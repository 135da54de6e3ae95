namespace Unroll;

/// <summary>One named tensor: a slice of the model's one array of parameters, row-major.</summary>
/// <param name="Name">PyTorch's name, such as <c>rnn.weight_hh_l0</c>.</param>
/// <param name="Rows">The first dimension.</param>
/// <param name="Columns">The second dimension; 1 for a vector.</param>
/// <param name="IsVector">Whether the tensor has one dimension (a bias).</param>
/// <param name="Offset">Where it starts in the array.</param>
public sealed record ParameterTensor(string Name, int Rows, int Columns, bool IsVector, long Offset)
{
    /// <summary>The number of elements.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>The dimensions, one or two.</summary>
    public IReadOnlyList<int> Shape => IsVector ? [Rows] : [Rows, Columns];
}
