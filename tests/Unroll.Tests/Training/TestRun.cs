using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>What a run needs: a small text, a tiny model, options.</summary>
internal static class TestRun
{
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

    /// <summary>Trains, to the end or until an update.</summary>
    public static TrainingResult Train(LanguageModel model, Corpus corpus, TrainingOptions options, RunOptions run, long? stop = null)
    {
        using var cancel = new CancellationTokenSource();
        var stopper = new Reports(report =>
        {
            if (report.Update >= stop)
                cancel.Cancel();
        });
        return new Trainer(model, corpus, options, run).Run(stopper, cancel.Token);
    }
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
