// Every learned number of a model in one array. Tensors are slices of it under PyTorch's names, shapes and gate order,
// so that counting, clipping, updating and saving are loops over one span. Refuses to know what a cell computes.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll;

/// <summary>A model's parameters: one array, sliced into named tensors (gate order LSTM i f g o, CIFG f g o, GRU r z n).</summary>
public sealed class Parameters
{
    private readonly Dictionary<string, ParameterTensor> byName;

    /// <summary>Lays the tensors out for a model, all zero.</summary>
    /// <param name="options">The model's shape.</param>
    /// <param name="vocabularySize">V, at least 1.</param>
    /// <exception cref="UnrollException">The options do not fit, or the model would exceed 2^31 − 1 parameters.</exception>
    public Parameters(ModelOptions options, int vocabularySize) : this(options, vocabularySize, null)
    {
    }

    internal Parameters(ModelOptions options, int vocabularySize, NgramIndex? ngrams)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        Tensors = Layout(options, vocabularySize, ngrams);
        long count = Tensors[^1].Offset + Tensors[^1].Count;
        if (count > Array.MaxLength)
            throw new UnrollException($"The model would have {count:N0} parameters; the most is {Array.MaxLength:N0}. Choose a smaller {new PropertyName(nameof(ModelOptions.HiddenSize))} or fewer {new PropertyName(nameof(ModelOptions.Layers))}.");
        DenseCount = (int)Tensors.Where(tensor => !IsTable(tensor)).Sum(tensor => tensor.Count);
        byName = Tensors.ToDictionary(tensor => tensor.Name);
        // Pinned, so that kernels may hold its address for as long as the array lives.
        Storage = GC.AllocateArray<float>((int)count, pinned: true);
    }

    /// <summary>All values, tensor after tensor.</summary>
    public Span<float> Values => Storage;

    /// <summary>The tensors in the order in which they lie.</summary>
    public IReadOnlyList<ParameterTensor> Tensors { get; }

    /// <summary>The number of learned numbers.</summary>
    public int Count => Storage.Length;

    /// <summary>The numbers that every minibatch may touch: all but the tables by n-gram, which are the last tensors.</summary>
    internal int DenseCount { get; }

    internal float[] Storage { get; }

    /// <summary>The values of one tensor, row-major.</summary>
    /// <param name="name">Its PyTorch name.</param>
    /// <exception cref="KeyNotFoundException">The model has no such tensor.</exception>
    public Span<float> this[string name] => Slice(byName[name]);

    /// <summary>The values of one tensor, row-major.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    public Span<float> Slice(ParameterTensor tensor) => Storage.AsSpan((int)tensor.Offset, (int)tensor.Count);

    /// <summary>Whether a tensor is a table by n-gram.</summary>
    internal static bool IsTable(ParameterTensor tensor) => tensor.Name is NgramTable.InputName or NgramTable.OutputName;

    internal ParameterTensor? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The tensors that a model of this shape learns, without allocating them.</summary>
    internal static IReadOnlyList<ParameterTensor> Layout(ModelOptions options, int vocabularySize, NgramIndex? ngrams = null)
    {
        var tensors = new List<ParameterTensor>();
        long offset = 0;
        CellShape shape = Cells.ShapeOf(options);
        int hidden = options.HiddenSize;

        if (options.EmbeddingSize > 0)
            Matrix("embedding.weight", vocabularySize, options.EmbeddingSize);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            int inputSize = layer > 0 ? hidden : options.EmbeddingSize > 0 ? options.EmbeddingSize : vocabularySize;
            Matrix($"rnn.weight_ih_l{layer}", shape.Gates * hidden, inputSize);
            if (shape.RecurrentGates > 0)
                Matrix($"rnn.weight_hh_l{layer}", shape.RecurrentGates * hidden, hidden);
            Vector($"rnn.bias_ih_l{layer}", shape.Gates * hidden);
            if (shape.RecurrentGates > 0 && options.Biases == Biases.Two)
                Vector($"rnn.bias_hh_l{layer}", shape.RecurrentGates * hidden);
        }
        if (options.AdaptiveSoftmax > 0)
        {
            var clusters = new SoftmaxClusters(options, vocabularySize);
            Matrix("decoder.head.weight", clusters.Head + clusters.Count, hidden);
            Vector("decoder.head.bias", clusters.Head + clusters.Count);
            for (int cluster = 0; cluster < clusters.Count; cluster++)
            {
                Matrix($"decoder.tail.{cluster}.0.weight", clusters.LengthOf(cluster), hidden);
                Matrix($"decoder.tail.{cluster}.1.weight", clusters.SizeOf(cluster), clusters.LengthOf(cluster));
            }
        }
        else
        {
            if (!options.TieWeights)
                Matrix("decoder.weight", vocabularySize, hidden);
            Vector("decoder.bias", vocabularySize);
        }
        if (options.InputNgrams > 0)
            Matrix(NgramTable.InputName, ngrams?.RowsTo(options.InputNgrams) ?? 0, options.EmbeddingSize);
        if (options.OutputNgrams > 0)
            Matrix(NgramTable.OutputName, ngrams?.RowsTo(options.OutputNgrams) ?? 0, vocabularySize);
        return tensors;

        void Matrix(string name, int rows, int columns) => Add(new(name, rows, columns, false, offset));
        void Vector(string name, int length) => Add(new(name, length, 1, true, offset));
        void Add(ParameterTensor tensor)
        {
            tensors.Add(tensor);
            offset += tensor.Count;
        }
    }
}
