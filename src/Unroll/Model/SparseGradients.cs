// How the tensors that have a row for each token learn where there are many tokens: the vectors of tokens and, where the softmax is
// sampled, the output layer. A
// window touches a few of their rows: the output layer's of the tokens that take part in its softmax, the vectors of those that it
// reads. Only touched rows have a gradient, count for its norm and move; for all others, values and moments stay as they are until a
// window touches them again. So an update takes as long with a million tokens as with a thousand.
//     Rows move by the run's rule, without momentum (UpdateStep.OfRows). With it, as lazy forms of Adam have it, a rare row would get
// most of a gradient's effect some ten touches later; and Adam over all rows, which goes on moving a row by its fading momentum in the
// updates that do not touch it, comes to the same sum.
using Unroll.Kernels;
using Unroll.Ranks;

namespace Unroll.Model;

/// <summary>The gradients of a window's tokens, their part in the norm, and their updates.</summary>
internal sealed class SparseGradients : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly SumOrder order;
    private readonly TokenSample tokens;
    private readonly EmbeddingLayer? embedding;
    private readonly bool tied;
    private readonly Matrix vectorGradients; // [C, E]
    private readonly TokenOrder? inputs; // the window's rows by the place of the token that they read
    private readonly int[] inputPlaces = []; // [T·B]
    private readonly bool[] areRead = []; // [C] whether a row reads the token, here or at another rank
    private readonly SparseTensor[] tensors;

    /// <param name="model">The model.</param>
    /// <param name="sample">N: tokens drawn beside the window's own for its softmax; 0 = the softmax is not sampled.</param>
    /// <param name="order">The order of sums.</param>
    /// <param name="positions">T·B of the whole minibatch.</param>
    /// <param name="embedding">The vectors of tokens, or null.</param>
    public SparseGradients(LanguageModel model, int sample, SumOrder order, int positions, EmbeddingLayer? embedding)
    {
        (this.order, this.embedding, tied) = (order, embedding, model.Options.TieWeights);
        int rows = order.Rows.Length;
        tokens = new TokenSample(model.Vocabulary.Count, sample, positions);
        if (sample > 0)
            owned.Add(Output = new SampledDecoder(model, tokens, rows));
        if (embedding is not null)
        {
            vectorGradients = Matrix.Allocate(tokens.Most, model.Options.EmbeddingSize, owned);
            (inputs, inputPlaces, areRead) = (new TokenOrder(order, tokens.Most), new int[rows], new bool[tokens.Most]);
        }
        tensors = [.. Tensors()];

        IEnumerable<SparseTensor> Tensors()
        {
            if (embedding is not null && !tied)
                yield return Tensor("embedding.weight", vectorGradients, areRead);
            if (Output is null)
                yield break;
            yield return Tensor(tied ? "embedding.weight" : "decoder.weight", Output.Gradients.Weights, null);
            yield return Tensor("decoder.bias", Output.Gradients.Bias.AsColumn(), null);
        }

        SparseTensor Tensor(string name, Matrix gradients, bool[]? touched) => new(model.Parameters, name, gradients, touched);
    }

    /// <summary>The output layer of the tokens that take part; null where the softmax is not sampled.</summary>
    public SampledDecoder? Output { get; }

    /// <summary>Whether the rows of a tensor are touched one by one.</summary>
    public static bool Covers(ParameterTensor tensor) => tensor.Name is "embedding.weight" or "decoder.weight" or "decoder.bias" || Parameters.IsTable(tensor);

    /// <summary>Whether what has a row for each token learns row by row.</summary>
    public static bool AreFor(EngineTraining? training, ModelOptions model, int vocabularySize) =>
        SoftmaxIsSampled(training, vocabularySize) || (training is not null && model.AdaptiveSoftmax > 0 && model.EmbeddingSize > 0);

    /// <summary>Whether a window's softmax is over a part of the tokens.</summary>
    public static bool SoftmaxIsSampled(EngineTraining? training, int vocabularySize) =>
        training is not null && training.SoftmaxSample > 0 && training.SoftmaxSample < vocabularySize;

    /// <summary>Takes up a window; one thread does.</summary>
    /// <param name="inputs">[T·B] what it reads.</param>
    /// <param name="targets">[T·B] what it predicts.</param>
    /// <param name="allInputs">What all ranks read.</param>
    /// <param name="allTargets">What all predict.</param>
    /// <param name="random">Chooses the others that take part.</param>
    public void Prepare(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ReadOnlySpan<int> allInputs, ReadOnlySpan<int> allTargets, RandomStream random)
    {
        tokens.Choose(allInputs, Output is null ? [] : allTargets, random);
        areRead.AsSpan().Clear();
        for (int i = 0; areRead.Length > 0 && i < allInputs.Length; i++)
            areRead[tokens.PlaceOf(allInputs[i])] = true;
        Output?.Prepare(targets);
        for (int i = 0; i < inputPlaces.Length; i++)
            inputPlaces[i] = tokens.PlaceOf(inputs[i]);
        this.inputs?.Sort(inputPlaces, tokens.Count);
    }

    /// <summary>The gradients of this part of the rows.</summary>
    /// <param name="packed">[T·B, H] what the output layer read.</param>
    public void Compute(PackedRows packed, Matrix scratch, int part, int parts)
    {
        Output?.Decoder.WeightGradients(packed, order, scratch, part, parts);
        if (embedding is null)
            return;
        (int start, int end) = Share.OfColumns(vectorGradients.Columns, parts, part);
        Lookup.SumByToken(embedding.AllOutputGradients, inputs!, vectorGradients.Slice(0, tokens.Count), start, end, scratch);
    }

    /// <summary>Says what is to be added up over ranks; one thread does.</summary>
    /// <param name="sums">Told of it.</param>
    /// <param name="step">The step in which it is computed.</param>
    public void Expect(OverlappedSums sums, int step)
    {
        if (!vectorGradients.IsEmpty)
            sums.Expect(step, vectorGradients.Slice(0, tokens.Count));
        if (Output is null)
            return;
        sums.Expect(step, Output.Gradients.Weights.Slice(0, tokens.Count));
        sums.Expect(step, Output.Gradients.Bias.AsColumn().Slice(0, tokens.Count));
    }

    /// <summary>Adds the two gradients of tied weights, and sums up squares; the team has met since the gradients were made.</summary>
    public void Square(int part, int parts)
    {
        (int start, int end) = Share.Of(tokens.Count, parts, part);
        for (int place = start; tied && place < end; place++)
            RowOperations.Add(vectorGradients.RowSpan(place), Output!.Gradients.Weights.RowSpan(place));
        foreach (SparseTensor tensor in tensors)
            tensor.Square(start, end);
    }

    /// <summary>Σ g², tensor by tensor and row by row.</summary>
    public double SumOfSquares => tensors.Sum(tensor => tensor.SumOfSquares(tokens.Count));

    /// <summary>Moves the touched rows.</summary>
    /// <param name="moments">What the rule remembers of all parameters.</param>
    public void Update(float[][] moments, in UpdateStep step, int part, int parts)
    {
        (int start, int end) = Share.Of(tokens.Count, parts, part);
        foreach (SparseTensor tensor in tensors)
            tensor.Update(tokens.Tokens, moments, step, start, end);
    }

    /// <summary>Puts the gradients of touched rows where they belong among those of all parameters.</summary>
    public void CopyTo(float[] gradients)
    {
        foreach (SparseTensor tensor in tensors)
            tensor.CopyTo(tokens.Tokens, gradients);
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());
}
