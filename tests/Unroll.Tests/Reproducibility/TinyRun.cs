using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Unroll.Training;

namespace Unroll.Tests.Reproducibility;

/// <summary>A short training run, and the hash that its parameters must have on any machine.</summary>
internal sealed record TinyRun(string Name, ModelOptions Model, TrainingOptions Training, string Hash)
{
    /// <summary>
    /// Every kind of cell, with every option that computes something. A hash changes when the mathematics, the order of a sum
    /// or the random numbers change: on purpose only. The failing test says what the new one is.
    /// </summary>
    public static IReadOnlyList<TinyRun> All { get; } =
    [
        new("rnn tanh, the book's",
            new() { Cell = CellKind.Rnn, HiddenSize = 37, Initialization = Initialization.Normal, Biases = Biases.One },
            new() { Optimizer = OptimizerKind.Sgd, LearningRate = 1 },
            "419bd8adbc51b460105ce747f17a035f01646cc59efeacdae3069dcc74f10603"),
        new("rnn relu, embedding, 2 layers, reset windows",
            new() { Cell = CellKind.Rnn, HiddenSize = 20, Layers = 2, EmbeddingSize = 9, Activation = Activation.Relu },
            new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, WeightDecay = 0.01, WindowOrder = WindowOrder.Reset, Schedule = Schedule.Linear },
            "04096611131c549b02c65369e431b3bb8b910729499ac613dd98e52712571762"),
        new("gru, 2 layers, dropout, adam, random windows",
            new() { Cell = CellKind.Gru, HiddenSize = 33, Layers = 2 },
            new() { Optimizer = OptimizerKind.Adam, WeightDecay = 0.01, WindowOrder = WindowOrder.Random, Warmup = 5, Dropout = 0.2 },
            "9e0c603fd2a8e78c54edafc1f31e387296c5d1e30de38a14cafec166fe0be76b"),
        new("gru reset before, embedding, adam",
            new() { Cell = CellKind.Gru, HiddenSize = 16, EmbeddingSize = 8, ResetGate = ResetGate.Before, Biases = Biases.One },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01 },
            "3d33bfd1e360dcf1ac69ab111ed85b97e32339f3b730ee63dcac6f0cb6e2cb7d"),
        new("lstm, adam, validation",
            new() { Cell = CellKind.Lstm, HiddenSize = 40 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, Clip = 0 },
            "68c32e7cd1ae7dc0f1c27f5ce44ba6c85e454426e8fc3de1a470e8168baa02c7"),
        new("lstm, tied, 2 layers, dropout, adamw, cosine",
            new() { Cell = CellKind.Lstm, HiddenSize = 24, Layers = 2, EmbeddingSize = 24, TieWeights = true },
            new() { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.1, LearningRate = 0.01, Schedule = Schedule.Cosine, Clip = 0.5, Dropout = 0.3 },
            "83bde6824ea79d31d5fe8cf8f8b26add82b5920921cf52eaa11e6d5952988e0a"),
    ];

    public static TinyRun Find(string name) => All.Single(run => run.Name == name);

    /// <summary>Trains, and hashes what came of it.</summary>
    public Hashes Run(int threads)
    {
        string folder = Directory.CreateTempSubdirectory("unroll-tests-").FullName;
        try
        {
            Corpus corpus = Corpus.Load(TextSource.FromString(Text()), options: new CorpusOptions { Validation = Name.Contains("validation", StringComparison.Ordinal) ? 0.2 : 0 });
            LanguageModel model = LanguageModel.Create(corpus.Vocabulary, Model, seed: 3);
            string path = Path.Combine(folder, "model.safetensors");
            TrainingOptions options = Training with { Batch = 5, SequenceLength = 9, Epochs = 2, Seed = 3 };
            new Trainer(model, corpus, options, new RunOptions { Threads = threads, Out = path }).Run();
            return new Hashes(HashOf(MemoryMarshal.AsBytes(model.Parameters.Values)), HashOf(File.ReadAllBytes(path)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>SHA-256 of the parameters, and of the model file that holds them.</summary>
    internal sealed record Hashes(string Parameters, string File);

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Words in a random order: something to learn, and nobody's property.</summary>
    private static string Text()
    {
        string[] words = ["the", "time", "traveller", "smiled", "and", "went", "on", "à", "月", "🕰", "again;\n"];
        var random = new RandomStream(11, RandomPurpose.Sampling, 0);
        var text = new StringBuilder();
        for (ulong i = 0; i < 150; i++)
            text.Append(words[random.Below(i, words.Length)]).Append(' ');
        return text.ToString();
    }
}
