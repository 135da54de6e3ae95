using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A learned vector for each token.</summary>
internal sealed class EmbeddingLayer : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly Matrix table;
    private readonly Matrix gradients;
    private readonly Matrix tied;
    private readonly Matrix outputGradient;
    private readonly PackedMatrix? packed;
    private readonly NgramTable? ngrams;

    /// <param name="model">The model.</param>
    /// <param name="ngrams">Vectors by n-gram, which are added, or null.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="trains">Whether gradients are wanted.</param>
    /// <param name="gradientStorage">Where those of all vectors go, laid out as the parameters; null where there are none.</param>
    public EmbeddingLayer(LanguageModel model, NgramTable? ngrams, int rows, bool trains, float[]? gradientStorage)
    {
        this.ngrams = ngrams;
        ParameterTensor tensor = model.Parameters.Find("embedding.weight")!;
        table = Matrix.OfPinned(model.Parameters.Storage, tensor.Offset, tensor.Rows, tensor.Columns);
        Output = Matrix.Allocate(rows, tensor.Columns, owned);
        if (!trains)
            return;
        outputGradient = Matrix.Allocate(rows, tensor.Columns, owned);
        owned.Add(packed = new PackedMatrix(rows, tensor.Columns));
        if (gradientStorage is null)
            return;
        gradients = Matrix.OfPinned(gradientStorage, tensor.Offset, tensor.Rows, tensor.Columns);
        // Tied weights have two gradients, each summed in its own tree: the decoder's stands in the storage, this one beside.
        if (model.Options.TieWeights)
            tied = Matrix.Allocate(tensor.Rows, tensor.Columns, owned);
    }

    /// <summary>[T·B, E]: the vectors of the tokens.</summary>
    public Matrix Output { get; }

    /// <summary>Looks up the tokens of some rows, and the n-grams that end there.</summary>
    public void Forward(ReadOnlySpan<int> tokens, int start, int end, NgramDropout? dropout)
    {
        Matrix rows = Output.Slice(start, end - start);
        Lookup.Gather(table, tokens[start..end], rows);
        ngrams?.Add(rows, start, 0, rows.Columns, dropout);
    }

    /// <summary>∂loss/∂output of all rows.</summary>
    public Matrix AllOutputGradients => outputGradient;

    /// <summary>∂loss/∂output of some rows, to be filled in.</summary>
    public Matrix OutputGradient(int start, int end) => outputGradient.Slice(start, end - start);

    /// <summary>Rearranges the vectors for the first layer's weight gradients.</summary>
    public void Pack(SumOrder order, int part, int parts) => packed!.Pack(Output, order.Rows, part, parts);

    /// <summary>The vectors, once packed.</summary>
    public PackedRows PackedOutput(int[] starts) => new(packed!, starts);

    /// <summary>The gradient of the table.</summary>
    public void WeightGradient(TokenOrder tokens, Matrix scratch, int part, int parts)
    {
        (int start, int end) = Share.OfColumns(table.Columns, parts, part);
        Lookup.SumByToken(outputGradient, tokens, tied.IsEmpty ? gradients : tied, start, end, scratch);
    }

    /// <summary>The gradient of a tied table, which stands beside the others: empty where there is none.</summary>
    public Matrix Tied => tied;

    /// <summary>Adds the two gradients of tied weights; the team has met since both were made.</summary>
    public void AddTied(int part, int parts)
    {
        if (tied.IsEmpty)
            return;
        (int first, int end) = Share.Of(tied.Rows, parts, part);
        for (int row = first; row < end; row++)
            RowOperations.Add(tied.RowSpan(row), gradients.RowSpan(row));
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
