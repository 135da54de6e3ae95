// Vectors by n-gram: what a token's own vector, or the decoder, cannot know without the recurrence's help is looked up by the last
// two, three, four tokens and added (Mikolov et al. 2011, "Strategies for training large scale neural network language models",
// for the outputs). All vectors start at zero, so a model begins as the one without tables.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A table of vectors by n-gram, added to something that a window has for each position.</summary>
internal sealed class NgramTable
{
    private readonly NgramContexts contexts;

    /// <param name="name">The tensor among a model's parameters.</param>
    /// <param name="order">The highest order.</param>
    /// <param name="model">The model.</param>
    /// <param name="contexts">The n-grams of every position.</param>
    private NgramTable(string name, int order, LanguageModel model, NgramContexts contexts)
    {
        this.contexts = contexts;
        ParameterTensor tensor = model.Parameters.Find(name)!;
        Rows = Matrix.OfPinned(model.Parameters.Storage, tensor.Offset, tensor.Rows, tensor.Columns);
        (Name, Orders) = (name, order - 1);
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>[rows, length]: the vectors.</summary>
    public Matrix Rows { get; }

    /// <summary>How many orders, from 2 on.</summary>
    public int Orders { get; }

    /// <summary>The table that is added to the tokens' vectors, or null where the model has none.</summary>
    public static NgramTable? OfInputs(LanguageModel model, NgramContexts? contexts) =>
        model.Options.InputNgrams > 0 ? new NgramTable(InputName, model.Options.InputNgrams, model, contexts!) : null;

    /// <summary>The table that is added to the logits, or null where the model has none.</summary>
    public static NgramTable? OfOutputs(LanguageModel model, NgramContexts? contexts) =>
        model.Options.OutputNgrams > 0 ? new NgramTable(OutputName, model.Options.OutputNgrams, model, contexts!) : null;

    /// <summary>The name of the tensor of inputs.</summary>
    public const string InputName = "embedding.ngrams";

    /// <summary>The name of the tensor of outputs.</summary>
    public const string OutputName = "decoder.ngrams";

    /// <summary>Adds the vectors of some positions.</summary>
    /// <param name="target">[n, length], of which some columns are added to.</param>
    /// <param name="start">The first position.</param>
    /// <param name="firstColumn">The first column.</param>
    /// <param name="endColumn">Where they end, at most the length.</param>
    /// <param name="dropout">Which vectors are dropped in training; null = none.</param>
    public void Add(Matrix target, int start, int firstColumn, int endColumn, NgramDropout? dropout)
    {
        int[][] ids = dropout?.Kept ?? contexts.Ids;
        for (int order = 0; order < Orders; order++)
            Lookup.Add(Rows, ids[order].AsSpan(start, target.Rows), dropout?.Scale ?? 1, target, firstColumn, endColumn);
    }

    /// <summary>The vectors' numbers for each position, by order; negative for none.</summary>
    public int[][] Ids(NgramDropout? dropout) => dropout?.Kept ?? contexts.Ids;
}
