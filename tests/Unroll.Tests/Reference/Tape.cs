// Derivatives by the chain rule over scalars in double precision, one operation at a time. Slow and obvious on purpose:
// it is what the engine's hand-written backward pass is compared with, and shares no line with it.
namespace Unroll.Tests.Reference;

/// <summary>A record of scalar operations, each with its partial derivatives.</summary>
internal sealed class Tape
{
    private readonly List<double> values = [];
    private readonly List<int> firstEdge = [];
    private readonly List<(int Parent, double Partial)> edges = [];

    public Scalar Variable(double value) => Record(value);

    /// <summary>The derivative of one scalar by every scalar on the tape.</summary>
    public double[] Differentiate(Scalar output)
    {
        double[] gradients = new double[values.Count];
        gradients[output.Index] = 1;
        for (int index = values.Count - 1; index >= 0; index--)
        {
            int end = index + 1 < firstEdge.Count ? firstEdge[index + 1] : edges.Count;
            for (int edge = firstEdge[index]; edge < end; edge++)
                gradients[edges[edge].Parent] += gradients[index] * edges[edge].Partial;
        }
        return gradients;
    }

    internal Scalar Record(double value, params ReadOnlySpan<(int Parent, double Partial)> partials)
    {
        values.Add(value);
        firstEdge.Add(edges.Count);
        edges.AddRange(partials);
        return new Scalar(this, values.Count - 1);
    }

    internal double Value(int index) => values[index];
}
