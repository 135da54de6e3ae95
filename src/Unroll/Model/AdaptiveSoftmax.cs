// The adaptive softmax (Grave et al. 2017, "Efficient softmax approximation for GPUs"; torch.nn.AdaptiveLogSoftmaxWithLoss): the head
// gives probabilities to the commonest tokens and to each cluster of the others; a cluster, to its tokens. So
//     log p(v) = log head[v]                         for a token of the head
//     log p(v) = log head[cluster] + log cluster[v]  for another,
// which is exact: all of them sum to 1. A token's loss needs the head and at most one cluster, in which lies the saving: in training
// and evaluation a window's rows are gathered cluster by cluster. Each cluster's rows stand in the order in which they lie in planes,
// so that a thread's share of the planes is a stretch of every cluster's, and the numbers do not depend on who has which.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer with a head for common tokens and clusters of the others.</summary>
internal sealed class AdaptiveSoftmax : OutputLayer
{
    private readonly List<IDisposable> owned = [];
    private readonly SoftmaxClusters division;
    private readonly Decoder head;
    private readonly AdaptiveCluster[] clusters;
    private readonly int vocabularySize, rows;

    // The rows that predict a token of a cluster, cluster after cluster.
    private readonly int[] rowsOfClusters; // [T·B] which they are
    private readonly int[] firsts; // where each cluster's begin, and how many there are
    private readonly int[] clusterOf, placeOf, headTargets; // [T·B] by row: −1 for the head; where among its cluster's
    private readonly int[] targets; // [T·B] by place: the token's place in its cluster
    private readonly float[] losses; // [T·B] by place
    private readonly Matrix hidden, hiddenGradients; // [T·B, H]
    private readonly Matrix projected, projectedGradients; // [T·B, the longest D]
    private readonly Matrix[] logitsOf; // of each cluster [n, N]
    private readonly AlignedBuffer clusterLogits;
    private AlignedBuffer? allLogits; // where it has been asked to predict
    private Matrix logits; // [T·B, V]

    // In training: the same rows in the order of sums.
    private readonly TokenOrder? byCluster;
    private readonly PackedMatrix? packed; // their hidden states
    private readonly int[] inOrder = []; // places of all clusters' rows, cluster after cluster

    /// <param name="model">The model.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="gradients">Where gradients go; null where nothing is trained.</param>
    /// <param name="order">The order of sums; null where nothing is trained.</param>
    public AdaptiveSoftmax(LanguageModel model, int rows, DenseGradients? gradients, SumOrder? order)
    {
        (this.rows, vocabularySize, division) = (rows, model.Vocabulary.Count, new SoftmaxClusters(model.Options, model.Vocabulary.Count));
        ParameterTensor weights = Tensor("head.weight"), bias = Tensor("head.bias");
        owned.Add(head = new Decoder(In(model.Parameters.Storage, 0), ngrams: null, rows, gradients is null ? null : In(gradients.Values, gradients.First)));
        clusters = [.. Enumerable.Range(0, division.Count).Select(cluster => new AdaptiveCluster(
            (Tensor($"tail.{cluster}.0.weight"), Tensor($"tail.{cluster}.1.weight")), model.Parameters.Storage, gradients, rows, order?.Shards ?? 0))];
        owned.AddRange(clusters);
        int units = model.Options.HiddenSize, longest = division.LengthOf(0);
        (rowsOfClusters, clusterOf, placeOf, headTargets, targets, losses) = (new int[rows], new int[rows], new int[rows], new int[rows], new int[rows], new float[rows]);
        (firsts, logitsOf) = (new int[division.Count + 1], new Matrix[division.Count]);
        (hidden, projected) = (Matrix.Allocate(rows, units, owned), Matrix.Allocate(rows, longest, owned));
        owned.Add(clusterLogits = new AlignedBuffer((long)rows * clusters.Max(cluster => Matrix.PaddedStride(cluster.Size))));
        if (gradients is null)
        {
            PrepareToPredict();
            return;
        }
        (hiddenGradients, projectedGradients) = (Matrix.Allocate(rows, units, owned), Matrix.Allocate(rows, longest, owned));
        byCluster = new TokenOrder(order!, division.Count);
        owned.Add(packed = new PackedMatrix(rows, units));
        inOrder = new int[rows];

        ParameterTensor Tensor(string name) => model.Parameters.Find("decoder." + name)!;
        (Matrix, Matrix) In(float[] storage, int first) =>
            (Matrix.OfPinned(storage, weights.Offset - first, weights.Rows, weights.Columns), Matrix.OfPinned(storage, bias.Offset - first, 1, bias.Rows));
    }

    /// <summary>[T·B, V]: log-probabilities, which are logits too.</summary>
    public override Matrix Logits => logits;

    /// <inheritdoc/>
    public override bool ScoresWithoutLogits => true;

    /// <inheritdoc/>
    public override void Pack(int part, int parts)
    {
        head.Pack(part, parts);
        foreach (AdaptiveCluster cluster in clusters)
            cluster.Pack(part, parts);
    }

    /// <inheritdoc/>
    public override void PrepareToPredict()
    {
        if (allLogits is not null)
            return;
        int stride = Matrix.PaddedStride(vocabularySize);
        allLogits = new AlignedBuffer((long)rows * stride);
        logits = allLogits.View(0, rows, vocabularySize, stride);
    }

    /// <summary>Log-probabilities of some rows; of them, some rows.</summary>
    /// <inheritdoc/>
    public override void Forward(Matrix input, int start, int part = 0, int parts = 1)
    {
        (int first, int end) = Share.Of(input.Rows, parts, part);
        if (first == end)
            return;
        Matrix states = input.Slice(first, end - first);
        (first, end) = (start + first, start + end);
        head.Forward(states, first);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
            clusters[cluster].Forward(states, Of(projected, cluster, first, end), ColumnsOf(cluster, first, end));
        for (int row = first; row < end; row++)
            Combine(row);
    }

    /// <inheritdoc/>
    public override void LogProbabilities(ReadOnlySpan<float> logits, Span<float> logProbabilities) => logits[..vocabularySize].CopyTo(logProbabilities);

    /// <inheritdoc/>
    public override void Prepare(ReadOnlySpan<int> targets)
    {
        Array.Clear(firsts);
        for (int row = 0; row < targets.Length; row++)
        {
            int cluster = clusterOf[row] = division.Of(targets[row]);
            headTargets[row] = cluster < 0 ? targets[row] : division.Head + cluster;
            if (cluster >= 0)
                placeOf[row] = firsts[cluster + 1]++;
        }
        for (int cluster = 0; cluster < clusters.Length; cluster++)
            firsts[cluster + 1] += firsts[cluster];
        for (int row = 0; row < targets.Length; row++)
        {
            int cluster = clusterOf[row];
            if (cluster < 0)
                continue;
            int place = firsts[cluster] + placeOf[row];
            (rowsOfClusters[place], this.targets[place]) = (row, targets[row] - division.Borders[cluster]);
        }
        long offset = 0;
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            int stride = Matrix.PaddedStride(clusters[cluster].Size), count = firsts[cluster + 1] - firsts[cluster];
            logitsOf[cluster] = clusterLogits.View(offset, count, clusters[cluster].Size, stride);
            offset += (long)count * stride;
        }
        if (byCluster is null)
            return;
        byCluster.Sort(clusterOf);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            ReadOnlySpan<int> places = clusters[cluster].Prepare(byCluster, cluster, placeOf, firsts[cluster]);
            for (int i = 0; i < places.Length; i++)
                inOrder[firsts[cluster] + i] = firsts[cluster] + places[i];
        }
        packed!.Resize(firsts[^1], hidden.Columns);
    }

    /// <inheritdoc/>
    public override void ForwardToScore(Matrix input, int start, NgramDropout? dropout)
    {
        head.Forward(input, start);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            (int first, int end) = PlacesOf(cluster, start, start + input.Rows);
            if (first == end)
                continue;
            for (int place = first; place < end; place++)
                input.RowSpan(rowsOfClusters[place] - start).CopyTo(hidden.RowSpan(place));
            clusters[cluster].Forward(hidden.Slice(first, end - first), Of(projected, cluster, first, end), LogitsOf(cluster, first, end));
        }
    }

    /// <inheritdoc/>
    public override void Score(ReadOnlySpan<int> targets, Span<float> losses, float gradientScale, int start, int end)
    {
        head.Score(headTargets, losses, gradientScale, start, end);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            (int first, int last) = PlacesOf(cluster, start, end);
            if (first == last)
                continue;
            SoftmaxCrossEntropy.Rows(LogitsOf(cluster, first, last), this.targets.AsSpan(first, last - first), this.losses.AsSpan(first, last - first), gradientScale);
            for (int place = first; place < last; place++)
                losses[rowsOfClusters[place]] += this.losses[place];
        }
    }

    /// <inheritdoc/>
    public override void InputGradient(Matrix target, int start)
    {
        head.InputGradient(target, start);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            (int first, int end) = PlacesOf(cluster, start, start + target.Rows);
            if (first == end)
                continue;
            clusters[cluster].Backward(LogitsOf(cluster, first, end), Of(projectedGradients, cluster, first, end), hiddenGradients.Slice(first, end - first));
            for (int place = first; place < end; place++)
                RowOperations.Add(hiddenGradients.RowSpan(place), target.RowSpan(rowsOfClusters[place] - start));
        }
    }

    /// <inheritdoc/>
    public override void PackInputs(int part, int parts)
    {
        packed!.Pack(hidden, inOrder.AsSpan(0, firsts[^1]), part, parts);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
            clusters[cluster].PackInputs(Of(projected, cluster, firsts[cluster], firsts[cluster + 1]), part, parts);
    }

    /// <inheritdoc/>
    public override void WeightGradients(PackedRows input, SumOrder order, Matrix scratch, int part, int parts)
    {
        head.WeightGradients(input, order, scratch, part, parts);
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            (int first, int end) = (firsts[cluster], firsts[cluster + 1]);
            clusters[cluster].WeightGradients(packed!, Of(projectedGradients, cluster, first, end), LogitsOf(cluster, first, end), scratch, part, parts);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        owned.ForEach(item => item.Dispose());
        allLogits?.Dispose();
    }

    // From a row's logits to its log-probabilities, head and clusters.
    private void Combine(int row)
    {
        Span<float> heads = head.Logits.RowSpan(row);
        SoftmaxCrossEntropy.LogProbabilities(head.Logits.Slice(row, 1).Storage, heads);
        heads[..division.Head].CopyTo(logits.RowSpan(row));
        for (int cluster = 0; cluster < clusters.Length; cluster++)
        {
            Matrix own = ColumnsOf(cluster, row, row + 1);
            SoftmaxCrossEntropy.LogProbabilities(own.Storage, own.RowSpan(0));
            foreach (ref float value in own.RowSpan(0))
                value += heads[division.Head + cluster];
        }
    }

    // The places of a cluster's rows that lie in a stretch of the planes.
    private (int First, int End) PlacesOf(int cluster, int start, int end)
    {
        (int first, int count) = (firsts[cluster], firsts[cluster + 1] - firsts[cluster]);
        return (Place(start), Place(end));

        int Place(int row)
        {
            int place = Array.BinarySearch(rowsOfClusters, first, count, row);
            return place < 0 ? ~place : place;
        }
    }

    private Matrix LogitsOf(int cluster, int first, int end) => logitsOf[cluster].Slice(first - firsts[cluster], end - first);

    // Rows of a matrix that is as wide as the longest vectors, as wide as a cluster's.
    private Matrix Of(Matrix widest, int cluster, int first, int end) => widest.Slice(first, end - first).SliceColumns(0, clusters[cluster].Length);

    private Matrix ColumnsOf(int cluster, int first, int end) =>
        logits.Slice(first, end - first).SliceColumns(division.Borders[cluster], clusters[cluster].Size);
}
