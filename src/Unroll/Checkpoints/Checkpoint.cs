using Unroll.Model;

namespace Unroll.Checkpoints;

/// <summary>All that a model file holds: the model, a summary of how it was trained and, while a run is under way, its state.</summary>
/// <param name="Model">The model.</param>
/// <param name="Summary">Losses and counts, or null.</param>
/// <param name="Training">The state of an unfinished run, or null.</param>
public sealed record Checkpoint(LanguageModel Model, TrainingSummary? Summary = null, TrainingSnapshot? Training = null)
{
    /// <summary>Writes a file atomically: a temporary file in the same folder, flushed to disk, renamed.</summary>
    public static void Write(string path, Checkpoint checkpoint) => throw new NotImplementedException();

    /// <summary>Reads a file, trusting nothing in it.</summary>
    public static Checkpoint Read(string path) => throw new NotImplementedException();
}
