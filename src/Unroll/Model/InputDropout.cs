using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Dropout of what the first layer reads: elements of the vectors of tokens or, where these are one-hot, whole tokens.</summary>
internal sealed class InputDropout : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly bool oneHot;
    private readonly BatchShare share;
    private readonly double probability;
    private readonly LockedMask? locked; // [B, E or V]
    private readonly Matrix mask; // [T·B, E or 1], where every step has its own
    private readonly float[] factors = [];

    /// <param name="model">The model.</param>
    /// <param name="share">Which rows.</param>
    /// <param name="steps">T.</param>
    /// <param name="probability">p.</param>
    /// <param name="kind">Whether every step has a mask of its own.</param>
    public InputDropout(LanguageModel model, BatchShare share, int steps, double probability, DropoutMask kind)
    {
        int length = model.Options.EmbeddingSize;
        (oneHot, this.share, this.probability) = (length == 0, share, probability);
        int rows = share.Rows;
        if (kind == DropoutMask.Locked)
            owned.Add(locked = new LockedMask(0, share, oneHot ? model.Vocabulary.Count : length, probability));
        else
            mask = Matrix.Allocate(rows * steps, oneHot ? 1 : length, owned);
        if (oneHot)
            factors = new float[rows * steps];
    }

    /// <summary>[T·B]: what the row of each token is multiplied by where tokens are one-hot; otherwise empty.</summary>
    public ReadOnlySpan<float> Factors => factors;

    /// <summary>Draws for some rows of the batch, from first on; the group meets before the rest. Masks are numbered by step and row of
    /// the whole batch, t·B + b, locked ones by row.</summary>
    /// <param name="tokens">Ids, as rows lie in planes.</param>
    public void Draw(Window window, RowGroup group, int first, int end, ReadOnlySpan<int> tokens, RandomStream random)
    {
        locked?.Draw(first, end, random);
        for (int step = 0; step < window.Steps; step++)
        {
            int row = group.Base + step * group.Rows + first - group.FirstRow;
            if (locked is null)
                Dropout.Fill(mask.Slice(row, end - first), probability, random, (long)step * share.Batch + share.FirstRow + first);
            for (int b = first; oneHot && b < end; b++, row++)
                factors[row] = locked is null ? mask.RowSpan(row)[0] : locked.Factors.RowSpan(b)[tokens[row]];
        }
    }

    /// <summary>Multiplies vectors, or their gradients, by the masks, in some rows; one-hot tokens have none.</summary>
    /// <param name="vectors">[T·B, E], of which those rows.</param>
    public void Apply(RowGroup group, int start, int end, Matrix vectors)
    {
        if (oneHot)
            return;
        foreach ((int row, _, int first, int count) in group.Steps(start, end))
        {
            Matrix some = vectors.Slice(row, count);
            Dropout.Apply(some, locked is null ? mask.Slice(row, count) : locked.Factors.Slice(first, count), some);
        }
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
