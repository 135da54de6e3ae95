using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A temporary folder with what a run needs: a small text, a tiny model, a file to save in.</summary>
internal sealed class RunFolder : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("unroll-training-").FullName;

    /// <summary>The file of a name in the folder.</summary>
    public string this[string name] => Path.Combine(path, name);

    public void Dispose() => Directory.Delete(path, recursive: true);

    /// <summary>Sentences with some variety: about 4,000 characters of 20 different ones.</summary>
    public static string Text { get; } = string.Concat(Enumerable.Range(0, 120).Select(i =>
        $"the {(i % 3 == 0 ? "cat" : "dog")} {(i % 5 < 2 ? "sat on" : "ran to")} the {(i % 7 < 3 ? "mat" : "moon")}. "));

    public static Corpus Corpus(double validation = 0, string? text = null) =>
        Unroll.Corpus.Load(TextSource.FromString(text ?? Text), options: new CorpusOptions { Validation = validation });

    public static LanguageModel Model(Corpus corpus, ModelOptions? options = null, ulong seed = 1) =>
        LanguageModel.Create(corpus.Vocabulary, options ?? new ModelOptions { Cell = CellKind.Gru, HiddenSize = 12 }, seed);

    public static TrainingOptions Options { get; } = new() { Batch = 4, SequenceLength = 16, Epochs = 3, LearningRate = 0.01 };

    /// <summary>One thread, and the state saved after every update in a file, if there is one.</summary>
    public static RunOptions Run(string? path = null, bool resume = false) =>
        new() { Out = path, Resume = resume, Threads = 1, CheckpointEvery = TimeSpan.Zero };
}

/// <summary>Keeps reports, and may act on them.</summary>
internal sealed class Reports(Action<TrainingReport>? action = null) : List<TrainingReport>, IProgress<TrainingReport>
{
    public void Report(TrainingReport value)
    {
        Add(value);
        action?.Invoke(value);
    }
}
