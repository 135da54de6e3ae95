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
            "03c689514d22aa078f2bc147ddcdba4e434ad7dd4e2e1821b58e08755578caea"),
        new("rnn relu, embedding, 2 layers, reset windows",
            new() { Cell = CellKind.Rnn, HiddenSize = 20, Layers = 2, EmbeddingSize = 9, Activation = Activation.Relu },
            new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, WeightDecay = 0.01, WindowOrder = WindowOrder.Reset, Schedule = Schedule.Linear, Shards = 2 },
            "8995053faf7553f248794feeb137f87bee829bb6c070484d6263b5344d5005fd"),
        new("gru, 2 layers, dropout, adam, random windows",
            new() { Cell = CellKind.Gru, HiddenSize = 33, Layers = 2 },
            new() { Optimizer = OptimizerKind.Adam, WeightDecay = 0.01, WindowOrder = WindowOrder.Random, Warmup = 5, Dropout = 0.2, Shards = 4 },
            "c65f50ccc1a66c6a056f62b5fbc7fffea9f7422fcbc96e7cb158fc6b6b66e3f3"),
        new("gru reset before, embedding, adam",
            new() { Cell = CellKind.Gru, HiddenSize = 16, EmbeddingSize = 8, ResetGate = ResetGate.Before, Biases = Biases.One },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01 },
            "f732f6c3385c9d0282b2263225aec799e1b28a0afbc526e0400052abf9071e52"),
        new("lstm, adam, validation",
            new() { Cell = CellKind.Lstm, HiddenSize = 40 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, Clip = 0 },
            "8f729be42478761c7b825880ec0ee0357e86efc46df6e95bac0efc58406e2804"),
        new("lstm, tied, 2 layers, dropout, adamw, cosine",
            new() { Cell = CellKind.Lstm, HiddenSize = 24, Layers = 2, EmbeddingSize = 24, TieWeights = true },
            new() { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.1, LearningRate = 0.01, Schedule = Schedule.Cosine, Clip = 0.5, Dropout = 0.3, Shards = 8 },
            "1cd4363f20390ff16319af57c4d85617ab3277404929df9983e16bfb1619ad77"),
        new("rnn, momentum, clipping by value, power with cooldown, average",
            new() { Cell = CellKind.Rnn, HiddenSize = 21 },
            new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.3, Momentum = 0.9, Clip = 0.01, ClipBy = ClipKind.Value, Schedule = Schedule.Power, Cooldown = 0.7, TailAverage = 0.8 },
            "c08dd83d065bea141b9e541191de2daaf7b93e35db8e28fef668173880d783f8"),
        new("gru, no first moment, plateau, validation",
            new() { Cell = CellKind.Gru, HiddenSize = 19 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.05, Beta1 = 0, Beta2 = 0.99, Schedule = Schedule.Plateau, PlateauPatience = 1 },
            "5d0385c4cdc78ec50baaac5d5e66bc315dc3f53aa2ecff015d23ba7d7b437169"),
        new("lstm, n-grams in and out, dropout of them, adam, validation",
            new() { Cell = CellKind.Lstm, HiddenSize = 24, EmbeddingSize = 19, InputNgrams = 4, OutputNgrams = 3 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, NgramDropout = 0.3, NgramRate = 8, Shards = 4 },
            "ecd6ef8ac207421446c717aed8f4589170255946c239d90616c0e39b1e8e287f"),
        new("cifg, 2 layers, forget bias, adam",
            new() { Cell = CellKind.Cifg, HiddenSize = 21, Layers = 2, ForgetBias = -1 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, Dropout = 0.1 },
            "071225ffee541c323343c76ae116a5db0acf817638c816a0575c9338efc7e305"),
        new("lstm, 2 layers, locked dropout, state dropout, adamw",
            new() { Cell = CellKind.Lstm, HiddenSize = 22, Layers = 2, EmbeddingSize = 10 },
            new() { Optimizer = OptimizerKind.AdamW, WeightDecay = 0.1, LearningRate = 0.01, Dropout = 0.2, DropoutMask = DropoutMask.Locked, StateDropout = 0.1, Shards = 2 },
            "5c19e6fd7e040f6e88faec7bb5f0fb191f97d7b2bcbd5cf97fb176ccba3d6193"),
        new("cifg, inputs and states dropped, penalties, adam",
            new() { Cell = CellKind.Cifg, HiddenSize = 23, ForgetBias = -1 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, InputDropout = 0.1, DropoutMask = DropoutMask.Locked, StateDropout = 0.1, ActivationPenalty = 2, ChangePenalty = 1, Shards = 4 },
            "9081e81f2155ffdac0025e278dd951342f8d26c7c28dfeccf6e0f7bf22457313"),
        new("gru, embedding, inputs dropped at every step, adam",
            new() { Cell = CellKind.Gru, HiddenSize = 23, EmbeddingSize = 11 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, InputDropout = 0.2 },
            "e2fc8621522392e2299c78bebdb5ca09ba4820eab31c4d8f3aef31b2b7d845f0"),
        new("cifg, embedding, sampled softmax, adam, validation",
            new() { Cell = CellKind.Cifg, HiddenSize = 22, EmbeddingSize = 12, ForgetBias = -1 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, SoftmaxSample = 4, StateDropout = 0.1, Shards = 2 },
            "259e8915bfe22619bfc89ea1e8f2b34531522cf8116145cf497f1d0068bd758a"),
        new("cifg, embedding, adaptive softmax, adam, validation",
            new() { Cell = CellKind.Cifg, HiddenSize = 22, EmbeddingSize = 12, AdaptiveSoftmax = 32 },
            new() { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, StateDropout = 0.1, Shards = 2 },
            "7a0ce4541650eb1ce40e1f2e8b684147fa0b8b77aab6f8bd10074110bc144130"),
    ];

    public static TinyRun Find(string name) => All.Single(run => run.Name == name);

    /// <summary>Trains, and hashes what came of it.</summary>
    /// <param name="threads">Threads.</param>
    /// <param name="ranks">The ranks that share the run; one of them only has the file.</param>
    public Hashes Run(int threads, RankGroup? ranks = null)
    {
        using var folder = new TemporaryFolder();
        Corpus corpus = Corpus.Load(TextSource.FromString(Model.AdaptiveSoftmax > 0 ? Text() + RareCharacters() : Text()), options: new CorpusOptions { Validation = Name.Contains("validation", StringComparison.Ordinal) ? 0.2 : 0 });
        LanguageModel model = LanguageModel.Create(corpus, Model, seed: 3);
        string path = folder["model.safetensors"];
        TrainingOptions options = Training with { Batch = 9, SequenceLength = 9, Epochs = 2, Seed = 3 };
        new Trainer(model, corpus, options, new RunOptions { Threads = threads, Out = path, Ranks = ranks }).Run();
        return new Hashes(HashOf(MemoryMarshal.AsBytes(model.Parameters.Values)), File.Exists(path) ? HashOf(File.ReadAllBytes(path)) : null);
    }

    /// <summary>SHA-256 of the parameters, and of the model file that holds them.</summary>
    internal sealed record Hashes(string Parameters, string? File);

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Characters for the clusters of an adaptive softmax.</summary>
    private static string RareCharacters() => string.Concat(Enumerable.Range(0, 400).Select(i => (char)(0x4E00 + i * i % 97)));

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
