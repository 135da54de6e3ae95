// What stands above the recurrent layers: of every row the probabilities of the next token, its loss, and the way back.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer over a window of T·B rows.</summary>
internal abstract class OutputLayer : IDisposable
{
    /// <summary>The output layer of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ngrams">Logits by n-gram, or null.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="gradients">Where gradients go; null where nothing is trained.</param>
    /// <param name="order">The order of sums; null where nothing is trained.</param>
    public static OutputLayer For(LanguageModel model, NgramTable? ngrams, int rows, DenseGradients? gradients, SumOrder? order) =>
        model.Options.AdaptiveSoftmax > 0 ? new AdaptiveSoftmax(model, rows, gradients, order) : new Decoder(model, ngrams, rows, gradients?.OfAll);

    /// <summary>[T·B, V]: logits, of those rows that <see cref="Forward"/> made.</summary>
    public abstract Matrix Logits { get; }

    /// <summary>Rearranges this part of the weights; the team meets before they are used.</summary>
    public abstract void Pack(int part, int parts);

    /// <summary>Makes room for logits; one thread does, before <see cref="Forward"/>.</summary>
    public virtual void PrepareToPredict()
    {
    }

    /// <summary>Logits of some rows from their inputs; of them, this part's.</summary>
    /// <param name="input">[n, H].</param>
    /// <param name="start">Where the rows begin.</param>
    public abstract void Forward(Matrix input, int start, int part = 0, int parts = 1);

    /// <summary>Takes up what a window predicts; one thread does, before <see cref="ForwardToScore"/>.</summary>
    /// <param name="targets">[T·B] ids.</param>
    public virtual void Prepare(ReadOnlySpan<int> targets)
    {
    }

    /// <summary>Whether a row's score needs less than its logits.</summary>
    public virtual bool ScoresWithoutLogits => false;

    /// <summary>What the scores of some rows need of their inputs.</summary>
    /// <param name="input">[n, H].</param>
    /// <param name="start">Where the rows begin.</param>
    /// <param name="dropout">Which logits by n-gram are dropped, in training; null = none.</param>
    public abstract void ForwardToScore(Matrix input, int start, NgramDropout? dropout);

    /// <summary>Losses of some rows; with a gradient scale other than 0, gradients take the place of what they were made from.</summary>
    public abstract void Score(ReadOnlySpan<int> targets, Span<float> losses, float gradientScale, int start, int end);

    /// <summary>Log-probabilities of a row's logits: element v is the negative of the loss that <see cref="Score"/> gives the target v, to the bit.</summary>
    /// <param name="logits">One row, from its beginning on.</param>
    /// <param name="logProbabilities">[V], in nats.</param>
    public abstract void LogProbabilities(ReadOnlySpan<float> logits, Span<float> logProbabilities);

    /// <summary>∂loss/∂input of some rows.</summary>
    /// <param name="target">[n, H]; overwritten.</param>
    /// <param name="start">Where the rows begin.</param>
    public abstract void InputGradient(Matrix target, int start);

    /// <summary>Rearranges this part of what weight gradients read; the team meets afterwards.</summary>
    public virtual void PackInputs(int part, int parts)
    {
    }

    /// <summary>The gradients of this part of the weights.</summary>
    /// <param name="input">[T·B, H]: what the layer read.</param>
    public abstract void WeightGradients(PackedRows input, SumOrder order, Matrix scratch, int part, int parts);

    /// <inheritdoc/>
    public abstract void Dispose();
}
