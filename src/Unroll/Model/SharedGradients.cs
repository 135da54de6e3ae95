// The gradients of a minibatch whose rows several ranks have: every rank makes those of its own rows, and what they add up to is
// everybody's. While threads compute one tensor's, those before it are on their way.
using Unroll.Kernels;
using Unroll.Ranks;

namespace Unroll.Model;

/// <summary>What ranks add up of a minibatch, and when it is there to be added.</summary>
internal sealed class SharedGradients
{
    private readonly RankSums ranks;
    private readonly SparseGradients? sparse;
    private readonly EmbeddingLayer? embedding;
    private readonly NgramGradients?[] ngrams;
    private readonly (int Step, Matrix Values)[] pieces; // of the dense gradients, as they become whole
    private readonly int last; // step

    /// <param name="group">The ranks.</param>
    /// <param name="threads">Threads that compute: first the output layer's gradients, then each recurrent layer's in its own steps, then
    /// all the rest.</param>
    /// <param name="dense">The gradients of parameters that every window touches.</param>
    /// <param name="hasDecoder">Whether the output layer's are among them.</param>
    /// <param name="layers">The recurrent layers'.</param>
    /// <param name="sparse">Those of rows by token, or null.</param>
    /// <param name="embedding">The layer below all others, if there is one.</param>
    /// <param name="ngrams">Those of vectors by n-gram.</param>
    public SharedGradients(
        RankGroup group, int threads, DenseGradients dense, bool hasDecoder, IEnumerable<LayerGradients> layers, SparseGradients? sparse, EmbeddingLayer? embedding,
        NgramGradients?[] ngrams)
    {
        (ranks, this.sparse, this.embedding, this.ngrams) = (new RankSums(group), sparse, embedding, ngrams);
        IReadOnlyList<(int, int)>[] steps = [hasDecoder ? dense.RangesOf("decoder.") : [], .. layers.SelectMany(layer => layer.Steps), []];
        last = steps.Length - 1;
        Sums = new OverlappedSums(group, ranks, threads, steps.Length);
        pieces = [.. SumPiece.Divide(steps, dense.Values.Length, Sums.Least).Select(piece => (piece.Step, Matrix.OfPinned(dense.Values, piece.Start, piece.Length, 1)))];
    }

    /// <summary>The sums: each thread says what it has made, and the first finishes them.</summary>
    public OverlappedSums Sums { get; }

    /// <summary>Takes up a minibatch, whose tokens and n-grams are known; one thread does, before the others compute.</summary>
    public void Prepare()
    {
        Sums.Begin();
        sparse?.Expect(Sums, 0);
        foreach ((int step, Matrix values) in pieces)
            Sums.Expect(step, values);
        // Tied weights have two gradients still: each is a tree of its own.
        if (embedding is { Tied: { IsEmpty: false } tied })
            Sums.Expect(last, tied);
        foreach (NgramGradients? tables in ngrams)
            tables?.Expect(Sums, last);
    }

    /// <summary>The sum of a number over all ranks.</summary>
    public double Add(double value) => ranks.Add(value);
}
