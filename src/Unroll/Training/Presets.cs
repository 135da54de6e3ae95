// The named settings, in one place: the runs of the book whose results are published (d2l 8.5, 8.6, 9.1 to 9.3), and what
// a person's own text gets without any.
using Unroll.Training;

namespace Unroll;

/// <summary>The presets.</summary>
public static class Presets
{
    private static readonly TextOptions TextbookText = new() { Clean = Cleaning.Textbook };
    private static readonly CorpusOptions TextbookCorpus = new() { MaxTokens = 10_000 };
    private static readonly ModelOptions Concise = new() { HiddenSize = 256, Initialization = Initialization.Uniform, Biases = Biases.Two };
    private static readonly ModelOptions FromScratch = new() { HiddenSize = 256, Initialization = Initialization.Normal, Biases = Biases.One };
    private static readonly ModelOptions RnnFromScratch = FromScratch with { Cell = CellKind.Rnn, HiddenSize = 512 };
    private static readonly ModelOptions GruFromScratch = FromScratch with { Cell = CellKind.Gru, ResetGate = ResetGate.Before };
    private static readonly ModelOptions LstmFromScratch = FromScratch with { Cell = CellKind.Lstm };

    /// <summary>The book's recurrent network from scratch, to the letter (d2l 8.5).</summary>
    public static Preset Textbook { get; } = OfTheBook(
        "textbook", "The book's RNN from scratch: 512 units, SGD, 500 epochs over the first 10,000 characters",
        RnnFromScratch);

    /// <summary>What a text of a person's own begins with: a network that keeps the last tenth of the text to measure itself by.
    /// <see cref="DefaultFor(Corpus)"/> fits it to a text.</summary>
    public static Preset Default { get; } = new(
        "default", "For a text of your own: sized and tuned to it; its last tenth measures what was learned",
        new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 256 },
        new TextOptions(),
        new CorpusOptions { Validation = 0.1, HeldBack = 0.01 },
        new TrainingOptions
        {
            Optimizer = OptimizerKind.Adam,
            LearningRate = 0.008,
            Schedule = Schedule.Cosine,
            Warmup = 50,
            Batch = 16,
            SequenceLength = 32,
            Epochs = 20,
            Clip = 1,
            Measurements = 20,
        });

    /// <summary>All presets, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        Default,
        Textbook,
        OfTheBook("textbook-reset", "The book's published \"random\" run: the same, the state reset at every minibatch",
            Textbook.Model, TrainingOptions.Textbook with { WindowOrder = WindowOrder.Reset }),
        OfTheBook("textbook-random", "The same, windows drawn in random order",
            Textbook.Model, TrainingOptions.Textbook with { WindowOrder = WindowOrder.Random }),
        OfTheBook("textbook-concise", "The book's concise RNN: 256 units", Concise with { Cell = CellKind.Rnn }),
        OfTheBook("textbook-gru-scratch", "The book's GRU from scratch: the reset gate before the product",
            GruFromScratch),
        OfTheBook("textbook-gru", "The book's concise GRU: the reset gate after the product", Concise with { Cell = CellKind.Gru }),
        OfTheBook("textbook-lstm-scratch", "The book's LSTM from scratch", LstmFromScratch),
        OfTheBook("textbook-lstm", "The book's concise LSTM", Concise with { Cell = CellKind.Lstm }),
        OfTheBook("textbook-lstm-deep", "The book's concise LSTM of two layers, learning rate 2",
            Concise with { Cell = CellKind.Lstm, Layers = 2 }, TrainingOptions.Textbook with { LearningRate = 2 }),
    ];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="UnrollException">There is none; the message names them all.</exception>
    public static Preset Find(string name) =>
        All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new UnrollException($"There is no preset '{name}': choose {string.Join(", ", All.Select(preset => preset.Name))}.");

    /// <summary>The default preset, fitted to a text by published rules (docs/training.md): how large a network, how many of them, how
    /// strongly regularised, for how many epochs; as long as the text deserves, within some minutes of two cores. The same for a text
    /// everywhere.</summary>
    public static Preset DefaultFor(Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return RunAdvice.For(Default, corpus.Training.Length, corpus.Vocabulary.Count, corpus.Vocabulary.IsByFrequency, seconds: null, threads: 0, speed: null);
    }

    /// <summary>The default preset, fitted to a text and a time budget: it measures this machine for some tenths of a second.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="budget">How long the run may take.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    public static Preset DefaultFor(Corpus corpus, TimeSpan budget, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        Preset fitted = RunAdvice.For(
            Default, corpus.Training.Length, corpus.Vocabulary.Count, corpus.Vocabulary.IsByFrequency, budget.TotalSeconds, Workers(threads), MachineSpeed.TokensPerSecond(TimeProvider.System));
        // Its epochs count for nothing, but stand in the file: there they must not depend on the machine.
        return fitted with { Training = fitted.Training with { Budget = budget, Epochs = DefaultFor(corpus).Training.Epochs } };
    }

    /// <summary>The default preset, fitted to a model that goes on with a text (docs/continuing.md): the model's shape, and a run that suits
    /// one that has learned already. With a budget it measures this machine for some tenths of a second.</summary>
    /// <param name="model">The model, as <see cref="LanguageModel.From"/> made it for the text.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="budget">How long the run may take; null = as long as it pays, the same everywhere.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    public static Preset From(LanguageModel model, Corpus corpus, TimeSpan? budget = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(corpus);
        Preset fitted = RunAdvice.From(Default, model, corpus.Training.Length, seconds: null, threads: 0, speed: null);
        if (budget is { } time)
        {
            int epochs = fitted.Training.Epochs;
            fitted = RunAdvice.From(Default, model, corpus.Training.Length, time.TotalSeconds, Workers(threads), MachineSpeed.TokensPerSecond(TimeProvider.System));
            fitted = fitted with { Training = fitted.Training with { Budget = time, Epochs = epochs } };
        }
        // Without a text that nothing has learned from there is nothing to weigh a memory on.
        return corpus.HeldBack is { Length: >= 2 } ? fitted : fitted with { Training = fitted.Training with { MemoryTokens = 0 } };
    }

    private static int Workers(int threads) => threads == 0 ? Environment.ProcessorCount : Math.Min(threads, Environment.ProcessorCount);

    /// <summary>A preset's model with another kind of cell.</summary>
    internal static ModelOptions WithCell(ModelOptions model, CellKind cell)
    {
        ModelOptions[] fromScratch = [RnnFromScratch, GruFromScratch, LstmFromScratch, LstmFromScratch with { Cell = CellKind.Cifg }];
        return model.Cell == cell ? model
            : fromScratch.Contains(model) ? fromScratch.First(own => own.Cell == cell)
            : model with { Cell = cell };
    }

    private static Preset OfTheBook(string name, string description, ModelOptions model, TrainingOptions? training = null) =>
        new(name, description, model, TextbookText, TextbookCorpus, training ?? TrainingOptions.Textbook);
}
