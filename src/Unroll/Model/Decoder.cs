// logits = W·h + b, softmax, cross-entropy, and the way back.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer with a row of weights for each token.</summary>
internal sealed class Decoder : OutputLayer
{
    private readonly List<IDisposable> owned = [];
    private readonly AlignedBuffer logits;
    private readonly Matrix weights;
    private readonly Matrix bias;
    private readonly Matrix paddedBias;
    private readonly PackedMatrix forward;
    private readonly PackedMatrix? backward;
    private readonly Matrix weightGradients;
    private readonly Matrix biasGradients;
    private readonly NgramTable? ngrams;
    private Matrix view; // of the logits

    /// <param name="model">The model.</param>
    /// <param name="ngrams">Logits by n-gram, or null.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="gradientStorage">Where gradients go, laid out as the parameters; null where nothing is trained.</param>
    public Decoder(LanguageModel model, NgramTable? ngrams, int rows, float[]? gradientStorage)
        : this(Of(model, model.Parameters.Storage), ngrams, rows, gradientStorage is null ? null : Of(model, gradientStorage))
    {
    }

    /// <param name="parameters">[V, H] and [1, V]: the weights and biases.</param>
    /// <param name="ngrams">Logits by n-gram, or null.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="gradients">Where their gradients go; null where nothing is trained.</param>
    public Decoder((Matrix Weights, Matrix Bias) parameters, NgramTable? ngrams, int rows, (Matrix Weights, Matrix Bias)? gradients)
    {
        (weights, bias, this.ngrams) = (parameters.Weights, parameters.Bias, ngrams);
        owned.Add(logits = new AlignedBuffer((long)rows * Matrix.PaddedStride(weights.Rows)));
        view = logits.View(0, rows, weights.Rows, Matrix.PaddedStride(weights.Rows));
        paddedBias = Matrix.Allocate(1, weights.Rows, owned);
        paddedBias.Storage.Fill(SoftmaxCrossEntropy.Padding);
        owned.Add(forward = new PackedMatrix(weights.Columns, weights.Rows));
        if (gradients is not { } trained)
            return;
        owned.Add(backward = new PackedMatrix(weights.Rows, weights.Columns));
        (weightGradients, biasGradients) = trained;
    }

    /// <summary>[V, H] and [1, V]: where a storage that is laid out as the parameters has the output layer's.</summary>
    public static (Matrix Weights, Matrix Bias) Of(LanguageModel model, float[] storage)
    {
        ParameterTensor weights = model.Parameters.Find(model.Options.TieWeights ? "embedding.weight" : "decoder.weight")!;
        ParameterTensor bias = model.Parameters.Find("decoder.bias")!;
        return (Matrix.OfPinned(storage, weights.Offset, weights.Shape[0], weights.Shape[1]), Matrix.OfPinned(storage, bias.Offset, 1, bias.Shape[0]));
    }

    /// <summary>[T·B, V]: logits, or their gradients after <see cref="Score"/> with a gradient.</summary>
    public override Matrix Logits => view;

    /// <summary>Makes it an output layer of its first tokens only, no more than it was made for, whose weights are then to be packed.</summary>
    /// <param name="tokens">How many.</param>
    public void Resize(int tokens)
    {
        view = logits.View(0, Logits.Rows, tokens, Matrix.PaddedStride(tokens));
        paddedBias.Storage[tokens..].Fill(SoftmaxCrossEntropy.Padding);
        forward.Resize(weights.Columns, tokens);
        backward?.Resize(tokens, weights.Columns);
    }

    /// <inheritdoc/>
    public override void Pack(int part, int parts)
    {
        Matrix mine = weights.Slice(0, Logits.Columns);
        forward.PackTransposed(mine, part, parts);
        backward?.Pack(mine, part, parts);
        if (part == 0)
            bias.RowSpan(0)[..Logits.Columns].CopyTo(paddedBias.RowSpan(0));
    }

    /// <summary>Logits of some rows from their inputs; of them, the columns of some panels.</summary>
    /// <inheritdoc/>
    public override void Forward(Matrix input, int start, int part = 0, int parts = 1) => Forward(input, start, part, parts, null);

    /// <inheritdoc/>
    public override void ForwardToScore(Matrix input, int start, NgramDropout? dropout) => Forward(input, start, 0, 1, dropout);

    private void Forward(Matrix input, int start, int part, int parts, NgramDropout? dropout)
    {
        Matrix rows = Logits.Slice(start, input.Rows);
        (int firstPanel, int lastPanel) = Share.Of(forward.Panels, parts, part);
        int column = firstPanel * PackedMatrix.PanelWidth;
        int columns = lastPanel == forward.Panels ? Logits.Stride - column : (lastPanel - firstPanel) * PackedMatrix.PanelWidth;
        RowOperations.Repeat(paddedBias, 0, rows, column, columns);
        MatrixProduct.Add(input, forward, rows, firstPanel, lastPanel);
        ngrams?.Add(rows, start, Math.Min(column, Logits.Columns), Math.Min(column + columns, Logits.Columns), dropout);
    }

    /// <summary>Losses of some rows; with a gradient scale other than 0 the logits become their gradients.</summary>
    public override void Score(ReadOnlySpan<int> targets, Span<float> losses, float gradientScale, int start, int end) =>
        SoftmaxCrossEntropy.Rows(Logits.Slice(start, end - start), targets[start..end], losses[start..end], gradientScale);

    /// <inheritdoc/>
    public override void LogProbabilities(ReadOnlySpan<float> logits, Span<float> logProbabilities) => SoftmaxCrossEntropy.LogProbabilities(logits, logProbabilities);

    /// <inheritdoc/>
    public override void InputGradient(Matrix target, int start)
    {
        target.Clear();
        MatrixProduct.Add(Logits.Slice(start, target.Rows), backward!, target, 0, backward!.Panels);
    }

    /// <summary>The gradients of the weights and biases.</summary>
    /// <inheritdoc/>
    public override void WeightGradients(PackedRows input, SumOrder order, Matrix scratch, int part, int parts)
    {
        int tokens = Logits.Columns;
        WeightGradient.Compute(Logits, order, input, weightGradients.Slice(0, tokens), biasGradients.RowSpan(0)[..tokens], scratch, part, parts);
    }

    /// <inheritdoc/>
    public override void Dispose() => owned.ForEach(item => item.Dispose());
}
