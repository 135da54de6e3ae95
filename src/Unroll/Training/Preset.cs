
namespace Unroll;

/// <summary>A named set of options for a whole run.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Description">What it is for, in one sentence.</param>
/// <param name="Model">The model.</param>
/// <param name="Text">How the text becomes tokens.</param>
/// <param name="Corpus">Which part of the text is used.</param>
/// <param name="Training">How the model learns.</param>
public sealed record Preset(string Name, string Description, ModelOptions Model, TextOptions Text, CorpusOptions Corpus, TrainingOptions Training)
{
    /// <summary>This preset with another kind of cell: the book's runs from scratch take that cell's model from scratch, with its
    /// own size and reset gate; in others the cell alone changes.</summary>
    /// <param name="cell">The kind of cell.</param>
    public Preset WithCell(CellKind cell) => this with
    {
        Model = Presets.WithCell(Model, cell),
        // Only a cell with a memory beside its hidden vector has states to drop.
        Training = cell is CellKind.Lstm or CellKind.Cifg ? Training : Training with { StateDropout = 0 },
    };

    /// <summary>How many networks the model has.</summary>
    public int Members { get; init; } = 1;

    /// <summary>About how often each network will read the text, where the preset was fitted to one; 0 where not.</summary>
    internal double Passes { get; init; }
}
