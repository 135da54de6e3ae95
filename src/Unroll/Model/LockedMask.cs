using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A dropout mask that stays for all steps of a window (variational dropout; Gal and Ghahramani 2016, "A Theoretically
/// Grounded Application of Dropout in Recurrent Neural Networks").</summary>
internal sealed class LockedMask : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly long firstRow;
    private readonly double probability;

    /// <param name="index">The number of this mask among those drawn from one stream: its rows are index·B … index·B + B − 1.</param>
    /// <param name="share">Which rows.</param>
    /// <param name="columns">What a row of it masks.</param>
    /// <param name="probability">p.</param>
    public LockedMask(int index, BatchShare share, int columns, double probability)
    {
        (firstRow, this.probability) = ((long)index * share.Batch + share.FirstRow, probability);
        Factors = Matrix.Allocate(share.Rows, columns, owned);
    }

    /// <summary>[rows, n]: 0 or 1/(1 − p).</summary>
    public Matrix Factors { get; }

    /// <summary>Draws some of its rows.</summary>
    public void Draw(int start, int end, RandomStream random) => Dropout.Fill(Factors.Slice(start, end - start), probability, random, firstRow + start);

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
