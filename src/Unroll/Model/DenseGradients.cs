using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The gradients of parameters that every window touches, their part in the norm, and their updates.</summary>
internal sealed class DenseGradients
{
    private readonly Parameters parameters;
    private readonly int end; // the first parameter after them
    private readonly double[] squares; // sums of squares, block by block
    private readonly DecayRange[] ranges;

    /// <param name="parameters">The parameters.</param>
    /// <param name="sampled">Whether the softmax is sampled: then what has a row for each token is <see cref="SparseGradients"/>'.</param>
    public DenseGradients(Parameters parameters, bool sampled)
    {
        this.parameters = parameters;
        (First, end) = RangeOf(parameters.Tensors, sampled);
        Values = GC.AllocateArray<float>(end - First, pinned: true);
        OfAll = sampled ? null : Values;
        squares = new double[GradientNorm.Blocks(Values.Length)];
        ranges = DecayRange.Of(parameters.Tensors);
    }

    /// <summary>The gradients, laid out as the parameters from the first on.</summary>
    public float[] Values { get; }

    /// <summary>The first parameter that has one.</summary>
    public int First { get; }

    /// <summary>The gradients where they are those of all parameters but the tables by n-gram, else null.</summary>
    public float[]? OfAll { get; }

    /// <summary>Which parameters they are: all but the tables by n-gram or, where the softmax is sampled, the recurrent layers', which
    /// lie between the vectors of tokens and the output layer.</summary>
    public static (int First, int End) RangeOf(IReadOnlyList<ParameterTensor> tensors, bool sampled)
    {
        IEnumerable<ParameterTensor> dense = tensors.Where(tensor => sampled ? !SparseGradients.Covers(tensor) : !Parameters.IsTable(tensor));
        return ((int)dense.First().Offset, (int)(dense.Last().Offset + dense.Last().Count));
    }

    /// <summary>Where those of some tensors lie among them.</summary>
    /// <param name="prefix">What the tensors' names begin with.</param>
    public IReadOnlyList<(int Start, int Length)> RangesOf(string prefix) =>
    [
        .. parameters.Tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal) && tensor.Offset >= First && tensor.Offset < end)
            .Select(tensor => ((int)tensor.Offset - First, (int)tensor.Count)),
    ];

    /// <summary>Sums up the squares of a part of them.</summary>
    public void Square(int part, int parts) => GradientNorm.SumBlocks(Values, squares, part, parts);

    /// <summary>Σ g².</summary>
    public double SumOfSquares => GradientNorm.Sum(squares);

    /// <summary>Moves a part of the parameters.</summary>
    /// <param name="moments">What the rule remembers of all parameters.</param>
    public void Update(float[][] moments, in UpdateStep step, int part, int parts)
    {
        (int start, int end) = Share.OfColumns(Values.Length, parts, part);
        foreach (DecayRange range in ranges)
        {
            (int first, int last) = (Math.Max(First + start, range.Start), Math.Min(First + end, range.End));
            if (first < last)
                ParameterUpdate.Apply(
                    parameters.Storage.AsSpan(first, last - first), Values.AsSpan(first - First, last - first), moments, first, range.Decays ? step : step with { Shrink = 1 });
        }
    }
}
