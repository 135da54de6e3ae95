namespace Unroll.Model;

/// <summary>Neighbouring parameters that weight decay apart from the gradient treats alike: it shrinks matrices and spares vectors,
/// whose elements are too few to overfit and have no reason to be near zero.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">Behind the last.</param>
/// <param name="Decays">Whether it shrinks them.</param>
internal readonly record struct DecayRange(int Start, int End, bool Decays)
{
    /// <summary>The ranges of a model's tensors, in their order.</summary>
    public static DecayRange[] Of(IReadOnlyList<ParameterTensor> tensors)
    {
        var ranges = new List<DecayRange>();
        foreach (ParameterTensor tensor in tensors)
        {
            var range = new DecayRange((int)tensor.Offset, (int)(tensor.Offset + tensor.Count), !tensor.IsVector);
            if (ranges.Count > 0 && ranges[^1].Decays == range.Decays)
                ranges[^1] = ranges[^1] with { End = range.End };
            else
                ranges.Add(range);
        }
        return [.. ranges];
    }
}
