using Unroll.Kernels;
using Unroll.Ranks;

namespace Unroll.Model;

/// <summary>Where a recurrent layer's weight gradients go, and the rearranged operands that make them.</summary>
internal sealed class LayerGradients : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly RecurrentLayer layer;
    private readonly StepOrder order;
    private readonly int hiddenSize;
    private readonly Matrix[] inputWeights;
    private readonly Matrix[] recurrentWeights;
    private readonly Matrix inputBias;
    private readonly Matrix recurrentBias;
    private readonly PackedMatrix hidden;
    private readonly PackedMatrix? before; // the states before each step, where documents begin: elsewhere those after it will do
    private readonly int[] rowsBefore = [];
    private readonly int end; // the token that ends a document
    private readonly PackedMatrix? extra;
    private readonly Matrix[] lookup = [];
    private readonly bool[] summed; // [G]: whether the gate's plane takes its recurrent product too, whose bias has the same gradient

    /// <param name="layer">The layer.</param>
    /// <param name="gradients">Where gradients go.</param>
    /// <param name="order">The order of sums.</param>
    /// <param name="end">The token that ends a document, or null.</param>
    public LayerGradients(RecurrentLayer layer, DenseGradients gradients, StepOrder order, int? end)
    {
        (this.layer, this.order, hiddenSize) = (layer, order, layer.Hidden.Columns);
        CellShape shape = layer.Shape;
        (LayerTensors tensors, float[] storage) = (layer.Tensors.In(gradients.First), gradients.Values);
        Steps =
        [
            .. shape.Products.Select(product => new[] { tensors.RecurrentRange(product.Gate, shape) }),
            .. Enumerable.Range(0, shape.Gates).Select(gate => (IEnumerable<(int, int)>)[tensors.InputRange(gate, shape), .. gate == shape.Gates - 1 ? tensors.BiasRanges : []]).Select(ranges => ranges.ToArray()),
        ];
        inputWeights = tensors.InputWeights(storage, shape);
        recurrentWeights = tensors.RecurrentWeights(storage, shape);
        inputBias = tensors.InputBias(storage, shape);
        recurrentBias = tensors.RecurrentBias(storage, shape);
        summed = [.. Enumerable.Range(0, shape.Gates).Select(gate => shape.Products.Any(product => product.Gate == gate && product.Plane == gate))];
        owned.Add(hidden = new PackedMatrix(order.StateRows.Length, hiddenSize));
        if (end is { } token)
        {
            (this.end, rowsBefore) = (token, new int[order.Sums.Rows.Length]);
            owned.Add(before = new PackedMatrix(rowsBefore.Length, hiddenSize));
        }
        if (shape.Products.Any(product => product.Source == ProductSource.Extra))
            owned.Add(extra = new PackedMatrix(order.Sums.Rows.Length, hiddenSize));
        if (layer.IsLookup)
            lookup = [.. Enumerable.Range(0, shape.Gates).Select(_ => Matrix.Allocate(layer.InputSize, hiddenSize, owned))];
    }

    /// <summary>The states after each step, once packed: what the layer above has read.</summary>
    public PackedRows Output => new(hidden, order.StartsOfStatesAfter);

    /// <summary>What <see cref="Compute"/> has finished after each of its steps, as ranges of the gradients.</summary>
    public IReadOnlyList<IReadOnlyList<(int Start, int Length)>> Steps { get; }

    /// <summary>Takes up a minibatch.</summary>
    /// <param name="inputs">What the rows read, as they lie in planes.</param>
    public void Prepare(ReadOnlySpan<int> inputs)
    {
        if (before is not null)
            order.StatesBefore(inputs, end, layer.Hidden.Rows - 1, rowsBefore);
    }

    /// <summary>Rearranges the states for <see cref="Compute"/>; the team meets between the two.</summary>
    public void Pack(int part, int parts)
    {
        hidden.Pack(layer.Hidden, order.StateRows, part, parts);
        before?.Pack(layer.Hidden, rowsBefore, part, parts);
        extra?.Pack(layer.Extra, order.Sums.Rows, part, parts);
    }

    /// <summary>The gradients of all weights and biases of the layer.</summary>
    /// <param name="tokens">The minibatch by token, for lookup input.</param>
    /// <param name="factors">[T·B] what their rows were multiplied by; empty = nothing.</param>
    /// <param name="dense">[T·B, in] packed, for dense input.</param>
    /// <param name="scratch">This thread's own.</param>
    /// <param name="sums">Told of each step; null where there are no other ranks.</param>
    public void Compute(TokenOrder? tokens, ReadOnlySpan<float> factors, PackedRows dense, Matrix scratch, OverlappedSums? sums, int part, int parts)
    {
        (int start, int end) = Share.OfColumns(hiddenSize, parts, part);
        Action? between = part == 0 ? sums?.GoOn : null; // messages must not wait for a whole gate
        foreach (RecurrentProduct product in layer.Shape.Products)
        {
            Matrix delta = layer.Gates[product.Plane];
            PackedRows source = product.Source == ProductSource.Extra ? new(extra!, order.Starts)
                : before is not null ? new(before, order.Starts)
                : new(hidden, order.StartsOfStatesBefore);
            Span<float> bias = !recurrentBias.IsEmpty ? recurrentBias.RowSpan(product.Gate) : summed[product.Gate] ? inputBias.RowSpan(product.Gate) : [];
            WeightGradient.Compute(delta, order.Sums, source, recurrentWeights[product.Gate], bias, scratch, part, parts, between);
            sums?.Ready(part);
        }
        for (int gate = 0; gate < layer.Shape.Gates; gate++)
        {
            Matrix delta = layer.Gates[gate];
            Span<float> bias = summed[gate] ? [] : inputBias.RowSpan(gate);
            if (!layer.IsLookup)
            {
                WeightGradient.Compute(delta, order.Sums, dense, inputWeights[gate], bias, scratch, part, parts, between);
            }
            else
            {
                Lookup.SumByToken(delta, tokens!, lookup[gate], start, end, scratch, factors);
                Transpose.Columns(lookup[gate], start, end, inputWeights[gate]);
                if (!bias.IsEmpty)
                    RowOperations.SumRows(delta, order.Sums, bias, start, end, scratch);
            }
            if (summed[gate] && !recurrentBias.IsEmpty)
            {
                // This thread's part of the rows of Δ, as it has just made them.
                (int first, int last) = Share.Of(hiddenSize, parts, part);
                recurrentBias.RowSpan(gate)[first..last].CopyTo(inputBias.RowSpan(gate)[first..last]);
            }
            sums?.Ready(part);
        }
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
