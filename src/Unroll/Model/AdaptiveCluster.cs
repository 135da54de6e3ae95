// One cluster of an adaptive softmax: logits = W·(P·h), with a projection P [D, H] to the cluster's shorter vectors W [N, D].
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer of one cluster's tokens.</summary>
internal sealed class AdaptiveCluster : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly Matrix weights; // [N, D]
    private readonly Matrix projection; // [D, H]
    private readonly Matrix start; // [1, N] zeros, and no probability in the padding
    private readonly PackedMatrix weightsForward, projectionForward;
    private readonly PackedMatrix? weightsBackward, projectionBackward;
    private readonly PackedMatrix? packed; // [·, D] projected rows, in the order of sums
    private readonly SumOrder? order;
    private readonly int[] starts = [], startsOfHidden = []; // where each shard's rows begin among them, and among all clusters'
    private readonly Matrix weightGradients, projectionGradients;

    /// <param name="tensors">P and W.</param>
    /// <param name="storage">Where they lie.</param>
    /// <param name="gradients">Where gradients go; null where nothing is trained.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="shards">S.</param>
    public AdaptiveCluster((ParameterTensor Projection, ParameterTensor Weights) tensors, float[] storage, DenseGradients? gradients, int rows, int shards)
    {
        (projection, weights) = (View(tensors.Projection, storage, 0), View(tensors.Weights, storage, 0));
        start = Matrix.Allocate(1, Size, owned);
        start.Storage[Size..].Fill(SoftmaxCrossEntropy.Padding);
        projectionForward = Own(projection.Columns, projection.Rows);
        weightsForward = Own(weights.Columns, weights.Rows);
        if (gradients is null)
            return;
        projectionBackward = Own(projection.Rows, projection.Columns);
        weightsBackward = Own(weights.Rows, weights.Columns);
        packed = Own(rows, weights.Columns);
        (projectionGradients, weightGradients) = (View(tensors.Projection, gradients.Values, gradients.First), View(tensors.Weights, gradients.Values, gradients.First));
        (order, starts, startsOfHidden) = (new SumOrder(shards, rows), new int[shards], new int[shards]);

        PackedMatrix Own(int rows, int columns)
        {
            var matrix = new PackedMatrix(rows, columns);
            owned.Add(matrix);
            return matrix;
        }

        static Matrix View(ParameterTensor tensor, float[] storage, int first) => Matrix.OfPinned(storage, tensor.Offset - first, tensor.Rows, tensor.Columns);
    }

    /// <summary>N: tokens.</summary>
    public int Size => weights.Rows;

    /// <summary>D: how long their vectors are.</summary>
    public int Length => weights.Columns;

    /// <summary>Rearranges this part of the weights.</summary>
    public void Pack(int part, int parts)
    {
        projectionForward.PackTransposed(projection, part, parts);
        weightsForward.PackTransposed(weights, part, parts);
        projectionBackward?.Pack(projection, part, parts);
        weightsBackward?.Pack(weights, part, parts);
    }

    /// <summary>From hidden states to logits.</summary>
    /// <param name="hidden">[n, H].</param>
    /// <param name="projected">[n, D]; overwritten.</param>
    /// <param name="logits">[n, N]; overwritten, padding included.</param>
    public void Forward(Matrix hidden, Matrix projected, Matrix logits)
    {
        MatrixProduct.Add(hidden, projectionForward, projected, TileStart.Zero);
        RowOperations.Repeat(start, 0, logits, 0, WholeTiles(Size));
        MatrixProduct.Add(projected, weightsForward, logits, TileStart.Given);
    }

    /// <summary>From the gradients of logits to those of hidden states.</summary>
    /// <param name="logits">[n, N].</param>
    /// <param name="projected">[n, D]; overwritten.</param>
    /// <param name="hidden">[n, H]; overwritten.</param>
    public void Backward(Matrix logits, Matrix projected, Matrix hidden)
    {
        projected.Clear();
        MatrixProduct.Add(logits, weightsBackward!, projected, TileStart.Given);
        hidden.Clear();
        MatrixProduct.Add(projected, projectionBackward!, hidden, TileStart.Given);
    }

    /// <summary>Takes up the order of sums over the cluster's rows of a window; one thread does.</summary>
    /// <param name="rows">The window's rows by cluster.</param>
    /// <param name="cluster">Which cluster this is.</param>
    /// <param name="places">[T·B]: where a row lies among the cluster's.</param>
    /// <param name="first">Where the cluster's rows begin among all clusters'.</param>
    /// <returns>The cluster's rows, in that order.</returns>
    public ReadOnlySpan<int> Prepare(TokenOrder rows, int cluster, ReadOnlySpan<int> places, int first)
    {
        order!.Choose(rows, cluster, places);
        for (int shard = 0; shard < starts.Length; shard++)
            startsOfHidden[shard] = first + (starts[shard] = order[shard].Start);
        packed!.Resize(order.Rows.Length, Length);
        return order.Rows;
    }

    /// <summary>Rearranges this part of the projected rows for the gradients of the weights.</summary>
    public void PackInputs(Matrix projected, int part, int parts) => packed!.Pack(projected, order!.Rows, part, parts);

    /// <summary>The gradients of this part of the projection and of the weights.</summary>
    /// <param name="hidden">All clusters' hidden states, packed in the order of sums.</param>
    /// <param name="projected">[n, D]: gradients.</param>
    /// <param name="logits">[n, N]: gradients.</param>
    public void WeightGradients(PackedMatrix hidden, Matrix projected, Matrix logits, Matrix scratch, int part, int parts)
    {
        WeightGradient.Compute(projected, order!, new PackedRows(hidden, startsOfHidden), projectionGradients, [], scratch, part, parts);
        WeightGradient.Compute(logits, order!, new PackedRows(packed!, starts), weightGradients, [], scratch, part, parts);
    }

    private static int WholeTiles(int columns) => (columns + ModelOptions.SoftmaxUnit - 1) / ModelOptions.SoftmaxUnit * ModelOptions.SoftmaxUnit;

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
