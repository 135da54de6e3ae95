using Unroll.Checkpoints;

namespace Unroll;

/// <summary>All that a model file holds: the model, a summary of how it was trained and, while a run is under way, its state.</summary>
/// <param name="Model">The model.</param>
/// <param name="Summary">Losses and counts, or null.</param>
/// <param name="Training">The state of an unfinished run, or null.</param>
public sealed record Checkpoint(LanguageModel Model, TrainingSummary? Summary = null, TrainingSnapshot? Training = null)
{
    /// <summary>Writes a file atomically: a temporary file in the same folder, flushed to disk, renamed. Equal
    /// checkpoints give equal files.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="checkpoint">Its content.</param>
    /// <exception cref="UnrollException">The file cannot be written, or a number in it is not finite; an old file stays as it was.</exception>
    public static void Write(string path, Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(checkpoint);
        CheckpointWriter.Write(path, checkpoint);
    }

    /// <summary>Reads a file, trusting nothing in it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UnrollException">The file is missing, damaged or not a model; the message says what is wrong.</exception>
    public static Checkpoint Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return CheckpointReader.Read(path);
    }
}
