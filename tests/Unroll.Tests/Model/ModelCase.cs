using System.Globalization;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>A model's shape, its window and random numbers to run it on; equal cases give equal numbers.</summary>
internal sealed record ModelCase(string Name, ModelOptions Options, int VocabularySize = 7, int Batch = 3, int Steps = 5, double Scale = 0.8)
{
    /// <summary>One case for every kind of cell and every way to build a model of it.</summary>
    public static IReadOnlyList<ModelCase> Kinds { get; } =
    [
        new("rnn tanh", new() { Cell = CellKind.Rnn, HiddenSize = 5 }),
        new("rnn tanh, 1 bias", new() { Cell = CellKind.Rnn, HiddenSize = 17, Biases = Biases.One }, VocabularySize: 28),
        new("rnn tanh, 3 layers, tied", new() { Cell = CellKind.Rnn, HiddenSize = 6, Layers = 3, EmbeddingSize = 6, TieWeights = true }),
        new("rnn relu, 2 layers", new() { Cell = CellKind.Rnn, HiddenSize = 9, Layers = 2, Activation = Activation.Relu }, Scale: 0.5),
        new("rnn relu, embedding", new() { Cell = CellKind.Rnn, HiddenSize = 7, EmbeddingSize = 4, Activation = Activation.Relu, Biases = Biases.One }),
        new("gru", new() { Cell = CellKind.Gru, HiddenSize = 5 }),
        new("gru, 2 layers, embedding", new() { Cell = CellKind.Gru, HiddenSize = 19, Layers = 2, EmbeddingSize = 3 }, Scale: 0.4),
        new("gru, 3 layers, tied", new() { Cell = CellKind.Gru, HiddenSize = 4, Layers = 3, EmbeddingSize = 4, TieWeights = true }),
        new("gru reset before", new() { Cell = CellKind.Gru, HiddenSize = 6, ResetGate = ResetGate.Before }),
        new("gru reset before, 1 bias, 2 layers", new() { Cell = CellKind.Gru, HiddenSize = 18, Layers = 2, ResetGate = ResetGate.Before, Biases = Biases.One }, Scale: 0.4),
        new("gru reset before, embedding", new() { Cell = CellKind.Gru, HiddenSize = 5, EmbeddingSize = 9, ResetGate = ResetGate.Before }),
        new("lstm", new() { Cell = CellKind.Lstm, HiddenSize = 5 }),
        new("lstm, 1 bias, embedding", new() { Cell = CellKind.Lstm, HiddenSize = 17, EmbeddingSize = 5, Biases = Biases.One }, Scale: 0.4),
        new("lstm, 2 layers, tied", new() { Cell = CellKind.Lstm, HiddenSize = 8, Layers = 2, EmbeddingSize = 8, TieWeights = true }),
        new("lstm, 3 layers", new() { Cell = CellKind.Lstm, HiddenSize = 3, Layers = 3 }),
        new("cifg", new() { Cell = CellKind.Cifg, HiddenSize = 5 }),
        new("cifg, 1 bias, embedding", new() { Cell = CellKind.Cifg, HiddenSize = 18, EmbeddingSize = 6, Biases = Biases.One }, Scale: 0.4),
        new("cifg, 2 layers, tied", new() { Cell = CellKind.Cifg, HiddenSize = 7, Layers = 2, EmbeddingSize = 7, TieWeights = true }),
        new("lstm, one unit, two tokens, one row, one step", new() { Cell = CellKind.Lstm, HiddenSize = 1 }, VocabularySize: 2, Batch: 1, Steps: 1),
        new("gru, one unit, two tokens, one row", new() { Cell = CellKind.Gru, HiddenSize = 1 }, VocabularySize: 2, Batch: 1, Steps: 3),
        new("rnn, one unit, one row", new() { Cell = CellKind.Rnn, HiddenSize = 1 }, VocabularySize: 3, Batch: 1, Steps: 2),
        new("lstm, 33 units, long window", new() { Cell = CellKind.Lstm, HiddenSize = 33 }, VocabularySize: 27, Batch: 2, Steps: 12, Scale: 0.3),
        new("lstm, n-grams in and out", new() { Cell = CellKind.Lstm, HiddenSize = 5, EmbeddingSize = 3, InputNgrams = 3, OutputNgrams = 4 }, VocabularySize: 4, Steps: 6),
        new("gru, n-grams out", new() { Cell = CellKind.Gru, HiddenSize = 6, Layers = 2, OutputNgrams = 3, NgramCount = 1 }, VocabularySize: 5),
        new("rnn, n-grams in, tied", new() { Cell = CellKind.Rnn, HiddenSize = 4, EmbeddingSize = 4, TieWeights = true, InputNgrams = 5, NgramRows = 40 }, VocabularySize: 3, Steps: 7),
        new("rnn, documents", new() { Cell = CellKind.Rnn, HiddenSize = 5, Layers = 2 }, VocabularySize: 4, Steps: 8) { HasDocuments = true },
        new("rnn relu, documents, embedding", new() { Cell = CellKind.Rnn, HiddenSize = 20, EmbeddingSize = 3, Activation = Activation.Relu, Biases = Biases.One }, VocabularySize: 4, Scale: 0.4) { HasDocuments = true },
        new("gru, documents", new() { Cell = CellKind.Gru, HiddenSize = 35 }, VocabularySize: 4, Steps: 8, Scale: 0.3) { HasDocuments = true },
        new("gru reset before, documents, 2 layers", new() { Cell = CellKind.Gru, HiddenSize = 6, Layers = 2, ResetGate = ResetGate.Before, Biases = Biases.One }, VocabularySize: 4, Steps: 8) { HasDocuments = true },
        new("lstm, documents, 2 layers, tied", new() { Cell = CellKind.Lstm, HiddenSize = 6, Layers = 2, EmbeddingSize = 6, TieWeights = true }, VocabularySize: 4, Steps: 8) { HasDocuments = true },
        new("cifg, documents", new() { Cell = CellKind.Cifg, HiddenSize = 5 }, VocabularySize: 4, Steps: 8) { HasDocuments = true },
        new("cifg, documents, n-grams in and out", new() { Cell = CellKind.Cifg, HiddenSize = 5, EmbeddingSize = 3, InputNgrams = 4, OutputNgrams = 3 }, VocabularySize: 4, Steps: 8) { HasDocuments = true },
        new("cifg, adaptive softmax, embedding", new() { Cell = CellKind.Cifg, HiddenSize = 21, EmbeddingSize = 5, AdaptiveSoftmax = 32 }, VocabularySize: 150, Scale: 0.3),
        new("rnn, adaptive softmax of one cluster", new() { Cell = CellKind.Rnn, HiddenSize = 40, AdaptiveSoftmax = 32 }, VocabularySize: 60, Batch: 2, Scale: 0.2),
        new("gru, adaptive softmax, documents", new() { Cell = CellKind.Gru, HiddenSize = 17, Layers = 2, EmbeddingSize = 4, AdaptiveSoftmax = 64 }, VocabularySize: 300, Scale: 0.3) { HasDocuments = true },
        new("rnn, 100 units", new() { Cell = CellKind.Rnn, HiddenSize = 100 }, VocabularySize: 65, Batch: 5, Steps: 3, Scale: 0.15),
    ];

    /// <summary>The n-grams that have vectors, found in a text of the case's own; null where the model looks none up.</summary>
    public NgramIndex? Ngrams => Options.NgramOrder > 0 ? NgramCounter.Count(new TokenIds(Ids(99, 200)), VocabularySize, End, Options) : null;

    /// <summary>Whether the vocabulary has a token that ends documents.</summary>
    public bool HasDocuments { get; init; }

    private int? End => HasDocuments ? 1 : null;

    public static TheoryData<string> Names => [.. Kinds.Select(kind => kind.Name)];

    public static ModelCase Find(string name) => Kinds.Single(kind => kind.Name == name);

    /// <summary>What training adds.</summary>
    public EngineTraining Training { get; init; } = new();

    /// <summary>Whether there is a memory beside the hidden vector, which dropping states takes.</summary>
    public bool HasMemory => Cells.ShapeOf(Options).Memory is not null;

    /// <summary>The case with dropout switched on.</summary>
    public ModelCase WithDropout(double probability, DropoutMask mask = DropoutMask.Fresh) =>
        this with { Training = Training with { Dropout = probability, DropoutMask = mask } };

    /// <summary>The case with dropout of inputs switched on.</summary>
    public ModelCase WithInputDropout(double probability, DropoutMask mask = DropoutMask.Fresh) =>
        this with { Training = Training with { InputDropout = probability, DropoutMask = mask } };

    /// <summary>The case with penalties on outputs.</summary>
    public ModelCase WithPenalties(double activation, double change) =>
        this with { Training = Training with { ActivationPenalty = activation, ChangePenalty = change } };

    /// <summary>The case with dropout of states switched on.</summary>
    public ModelCase WithStateDropout(double probability) => this with { Training = Training with { StateDropout = probability } };

    /// <summary>A model with uniform random parameters of this case's scale.</summary>
    public LanguageModel Model()
    {
        var model = new LanguageModel(VocabularyOf(VocabularySize, HasDocuments), Options, Ngrams);
        var random = new Random(VocabularySize * 1000 + Options.HiddenSize);
        foreach (ref float value in model.Parameters.Values)
            value = (float)((random.NextDouble() * 2 - 1) * Scale);
        return model;
    }

    /// <summary>An engine of such a model.</summary>
    public CpuEngine Engine(bool training, ThreadGrid? grid = null, int shards = 1) =>
        Engines.Make(Model(), Batch, Steps, training ? Training with { Shards = shards } : null, grid);

    /// <summary>The model in double precision.</summary>
    public Reference.ReferenceModel Reference(Dictionary<string, double[]>? parameters = null) =>
        new(Options, VocabularySize, parameters ?? RandomParameters(), NgramList(), End);

    /// <summary>The n-grams, each from its oldest token to its latest, as plainly as can be: all that a text has, sorted out.</summary>
    private IReadOnlyList<int[]> NgramList()
    {
        int[] text = Ids(99, 200);
        var list = new List<int[]>();
        for (int order = 2; order <= Options.NgramOrder; order++)
        {
            int[][] known = [.. list.Where(ngram => ngram.Length == order - 1)];
            var found = Enumerable.Range(0, text.Length - order + 1).Select(start => text[start..(start + order)])
                .Where(ngram => !HasDocuments || !ngram[1..].Contains(1))
                .GroupBy(ngram => string.Join(' ', ngram)).Where(group => group.Count() >= Options.NgramCount)
                .Select(group => (Ngram: group.First(), Count: group.Count())).ToList();
            int room = Options.NgramRows - list.Count;
            while (found.Count > room)
                found.RemoveAll(pair => pair.Count == found.Min(other => other.Count));
            list.AddRange(found.Select(pair => pair.Ngram)
                .Where(ngram => order == 2 || known.Any(context => context.SequenceEqual(ngram[1..])))
                .OrderBy(ngram => order == 2 ? ngram[1] : list.FindIndex(context => context.SequenceEqual(ngram[1..]))).ThenBy(ngram => ngram[0]));
        }
        return list;
    }

    /// <summary>The same parameters by tensor name, in double precision.</summary>
    public Dictionary<string, double[]> RandomParameters()
    {
        var random = new Random(VocabularySize * 1000 + Options.HiddenSize);
        return Parameters.Layout(Options, VocabularySize, Ngrams).ToDictionary(
            tensor => tensor.Name,
            tensor => Enumerable.Range(0, (int)tensor.Count).Select(_ => (double)(float)((random.NextDouble() * 2 - 1) * Scale)).ToArray());
    }

    /// <summary>A vocabulary of so many tokens.</summary>
    public static Vocabulary VocabularyOf(int size, bool documents = false) => new(
        [Vocabulary.UnknownToken, .. Enumerable.Range(1, size - 1).Select(id => documents && id == 1 ? Vocabulary.EndToken : ((char)(0x4E00 + id)).ToString(CultureInfo.InvariantCulture))],
        new TextOptions { Documents = documents ? DocumentKind.Line : DocumentKind.None });

    /// <summary>Ids to read, [T, B] of them or as many as asked for.</summary>
    public int[] Ids(int seed, int? count = null)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count ?? Steps * Batch).Select(_ => random.Next(VocabularySize))];
    }

    /// <summary>A random state, both as the engine takes it and as the reference does.</summary>
    public (RecurrentState Engine, double[][] Reference) State(int seed)
    {
        var random = new Random(seed);
        var state = new RecurrentState(Options, Batch);
        var copy = new List<double[]>();
        for (int layer = 0; layer < Options.Layers; layer++)
            Fill(state.Hidden(layer));
        for (int layer = 0; state.HasCell && layer < Options.Layers; layer++)
            Fill(state.Cell(layer));
        return (state, [.. copy]);

        void Fill(Span<float> values)
        {
            foreach (ref float value in values)
                value = (float)(random.NextDouble() * 2 - 1);
            copy.Add([.. values.ToArray().Select(value => (double)value)]);
        }
    }

    public override string ToString() => $"{Name}: {Options}, V {VocabularySize}, B {Batch}, T {Steps}";
}
