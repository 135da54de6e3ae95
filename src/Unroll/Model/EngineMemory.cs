// What an engine will take, said before it takes it: an operating system may promise memory that it does not have, and end the
// process later.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The memory of a run.</summary>
internal static class EngineMemory
{
    /// <summary>Bytes that an engine and the parameters it reads take.</summary>
    /// <param name="options">The model's shape.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="engine">What the engine is for.</param>
    /// <param name="ngrams">The n-grams that have vectors.</param>
    /// <param name="documents">Whether the text consists of documents, some states of which are put aside.</param>
    public static long Bytes(ModelOptions options, int vocabularySize, EngineOptions engine, NgramIndex? ngrams = null, bool documents = false)
    {
        CellShape shape = Cells.ShapeOf(options);
        checked
        {
            long units = Padded(options.HiddenSize), rows = engine.Rows, all = rows * engine.Steps;
            IReadOnlyList<ParameterTensor> tensors = Parameters.Layout(options, vocabularySize, ngrams);
            long tables = tensors.Where(Parameters.IsTable).Sum(tensor => tensor.Count);
            long parameters = tensors.Sum(tensor => tensor.Count) - tables, floats = parameters + tables;
            bool trains = engine.Training is not null;
            for (int layer = 0; layer < options.Layers; layer++)
            {
                bool lookup = layer == 0 && options.EmbeddingSize == 0;
                long input = layer > 0 ? options.HiddenSize : lookup ? vocabularySize : options.EmbeddingSize;
                long packs = (long)shape.Products.Length * options.HiddenSize * units;
                long inputs = lookup ? (long)shape.Gates * input * units : (long)shape.Gates * input * units;
                floats += packs + inputs + shape.Planes * (trains || !lookup ? all : rows) * units + (all + rows) * units + rows * units * shape.States.Count;
                if (shape.HasExtra)
                    floats += (trains ? all : rows) * units;
                if (shape.Memory is not null)
                    floats += (trains ? all + rows : rows) * units;
                floats += documents ? DocumentStarts.Slots * rows * units : 0;
                if (!trains)
                    continue;
                floats += documents ? all * units : 0;
                // The way back: weights packed again, gradients of states, states packed for weight gradients.
                floats += packs + (lookup ? inputs : shape.Gates * (long)options.HiddenSize * Padded((int)input)) + 2 * (all + rows) * units + 2 * rows * units;
                if (engine.Training!.Dropout > 0)
                    floats += (2 * all + (engine.Training.DropoutMask == DropoutMask.Locked ? rows : all)) * units;
                if (layer == 0 && engine.Training.InputDropout > 0)
                    floats += (engine.Training.DropoutMask == DropoutMask.Locked ? rows : all) * Padded(lookup ? engine.Training.DropoutMask == DropoutMask.Locked ? vocabularySize : 1 : (int)input) + all;
                floats += engine.Training.StateDropout > 0 ? rows * units : 0;
            }
            // Where the softmax is sampled, the output layer is one of the tokens that take part.
            bool sampled = SparseGradients.SoftmaxIsSampled(engine.Training, vocabularySize), sparse = SparseGradients.AreFor(engine.Training, options, vocabularySize);
            long tokens = sampled ? TokenSample.MostOf(vocabularySize, engine.Training!.SoftmaxSample, (int)all) : vocabularySize;
            long logits = Padded((int)tokens);
            floats += options.AdaptiveSoftmax > 0 ? OfAdaptiveSoftmax() : all * logits + options.HiddenSize * logits + all * 3;
            if (options.EmbeddingSize > 0)
                floats += all * Padded(options.EmbeddingSize) * (trains ? 3 : 1) + (trains && !sparse && options.TieWeights ? (long)vocabularySize * units : 0);
            if (trains)
            {
                (int first, int end) = DenseGradients.RangeOf(tensors, sparse);
                floats += (end - first) * (engine.Training!.Ranks is null ? 1 : 2) + parameters * engine.Training.Moments + tokens * units;
                floats += (long)CpuEngine.MostThreads(engine) * CpuTraining.ScratchLength(options, vocabularySize, engine.ShareOf(engine.Training).Shards);
            }
            if (sparse)
                floats += tokens * (2 * units + 7 + (options.EmbeddingSize > 0 ? Padded(options.EmbeddingSize) : 0)) + 3L * vocabularySize + all * 3;
            // Of every position and order the row, and in training another after dropout, a slot, a place in its order and a gradient.
            floats += all * options.NgramOrder;
            if (trains && options.InputNgrams > 0)
                floats += all * options.InputNgrams * (5 + Padded(options.EmbeddingSize)) + tables / options.EmbeddingSize * 2;
            if (trains && options.OutputNgrams > 0)
                floats += all * options.OutputNgrams * (5 + logits) + tables / vocabularySize * 2;
            return floats * sizeof(float);

            // All rows may predict tokens of the largest cluster. Hidden states of rows by cluster, in training their gradients too, and packed.
            long OfAdaptiveSoftmax()
            {
                var clusters = new SoftmaxClusters(options, vocabularySize);
                int[] sizes = [.. Enumerable.Range(0, clusters.Count).Select(clusters.SizeOf)], lengths = [.. Enumerable.Range(0, clusters.Count).Select(clusters.LengthOf)];
                long heads = Padded(clusters.Head + clusters.Count);
                long weights = options.HiddenSize * heads + sizes.Zip(lengths, (size, length) => Padded(size) * (long)length + (long)length * units).Sum();
                return weights * (trains ? 2 : 1) + all * (heads + Padded(sizes.Max()) + (trains ? 0 : logits) + (units + 2 * Padded(lengths[0])) * (trains ? 3 : 1) + 8);
            }
        }
    }

    /// <summary>Bytes of engines for all networks of a model, side by side.</summary>
    public static long Bytes(LanguageModel model, EngineOptions engine) =>
        checked(model.Members.Sum(member => Bytes(member.Options, model.Vocabulary.Count, engine, member.Ngrams, model.Vocabulary.EndId is not null)));

    /// <summary>Checks that there is as much.</summary>
    /// <exception cref="UnrollException">There is not.</exception>
    public static void Check(ModelOptions options, int vocabularySize, EngineOptions engine, NgramIndex? ngrams = null, bool documents = false) =>
        Check(() => Bytes(options, vocabularySize, engine, ngrams, documents));

    /// <summary>Checks that there is as much as something needs.</summary>
    /// <param name="bytes">Computes it; may overflow.</param>
    /// <exception cref="UnrollException">There is not.</exception>
    public static void Check(Func<long> bytes)
    {
        long there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long needed;
        try
        {
            needed = bytes();
        }
        catch (OverflowException)
        {
            needed = long.MaxValue;
        }
        if (needed > there)
            throw new UnrollException($"This takes {Size(needed)} of memory, and there are {Size(there)}: choose fewer hidden units or layers, or a smaller minibatch.");
    }

    private static string Size(long bytes) => bytes < 1L << 50 ? FormattableString.Invariant($"{bytes / 1e9:0.0} GB") : "more than a million GB";

    private static long Padded(int columns) => Matrix.PaddedStride(columns);
}
