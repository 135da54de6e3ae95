// What a `train` command line asks for, before any text is read.

namespace Unroll.Cli.Training;

/// <summary>A run as asked for.</summary>
internal sealed record TrainPlan
{
    /// <summary>The words that name the text; none = the built-in story.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The file of the model to go on from; null = none, or the one that the resumed run began with.</summary>
    public required string? From { get; init; }

    /// <summary>The settings that the options change.</summary>
    public required Preset Preset { get; init; }

    /// <summary>Whether the preset may be fitted to the text: nobody named it, and no run is resumed.</summary>
    public required bool FitToText { get; init; }

    /// <summary>Whether the preset is that of the run that is resumed, of which nobody knows whether it was fitted.</summary>
    public required bool GoesOnUnnamed { get; init; }

    /// <summary>How the text becomes tokens.</summary>
    public required TextOptions Text { get; init; }

    /// <summary>What the options change of how a text becomes tokens.</summary>
    public required Func<TextOptions, TextOptions> ChangeText { get; init; }

    /// <summary>Which part of the text is used.</summary>
    public required CorpusOptions Corpus { get; init; }

    /// <summary>A file with the validation text, or null.</summary>
    public string? ValidationFile { get; init; }

    /// <summary>What the options change of a preset's model.</summary>
    public required Func<ModelOptions, ModelOptions> ChangeModel { get; init; }

    /// <summary>How many networks the model has; null = as many as the preset's.</summary>
    public required int? Members { get; init; }

    /// <summary>Bytes that the model's file may have; null = as many as it takes.</summary>
    public required long? FileLimit { get; init; }

    /// <summary>What the options change of a preset's training.</summary>
    public required Func<TrainingOptions, TrainingOptions> ChangeTraining { get; init; }

    /// <summary>Where the run is kept, and what it may use.</summary>
    public required RunOptions Run { get; init; }

    /// <summary>Where the model goes.</summary>
    public string Out => Run.Out!;

    /// <summary>Whether to go on with the run in <see cref="Out"/>.</summary>
    public bool Resume => Run.Resume;

    /// <summary>Where the plot goes, or null.</summary>
    public required string? Plot { get; init; }

    /// <summary>Where the log goes, or null.</summary>
    public required string? Log { get; init; }

    /// <summary>Whether a page shows the run.</summary>
    public required bool Watch { get; init; }

    /// <summary>Epochs between two samples; 0 = none, null = as suits the run.</summary>
    public required int? SampleEvery { get; init; }

    /// <summary>What samples continue; null = as suits the text.</summary>
    public required string? SamplePrefix { get; init; }

    /// <summary>Whether the result is one JSON object.</summary>
    public required bool Json { get; init; }

    /// <summary>Whether the run is one of the book's, which speaks as the book's does.</summary>
    public bool IsTextbook =>
        Preset.Name.StartsWith(Presets.Textbook.Name, StringComparison.Ordinal) || (Texts.Count == 0 && Text.Clean == Cleaning.Textbook);
}
