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

    /// <summary>Writes the bytes of a file into a stream, which is left open.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="checkpoint">What to write.</param>
    /// <exception cref="UnrollException">A number in it is not finite; nothing has been written.</exception>
    public static void Write(Stream stream, Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(checkpoint);
        CheckpointWriter.Write(stream, checkpoint);
    }

    /// <summary>Reads a file, trusting nothing in it. The state of a run that version 0.1 left unfinished is not read: its model is.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or not a model; the message says what is wrong.</exception>
    public static Checkpoint Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return CheckpointReader.Read(path);
    }

    /// <summary>Reads the bytes of a file from a stream, from where it stands to its end. One that cannot seek is first read into memory.</summary>
    /// <param name="stream">The stream; it is left open.</param>
    /// <exception cref="ModelFileException">The content is damaged or not a model; the message says what is wrong.</exception>
    public static Checkpoint Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return CheckpointReader.Read(stream);
    }

    /// <summary>Reads what a file says of itself and none of the numbers learned, with the same distrust.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or not a model; the message says what is wrong.</exception>
    public static CheckpointMetadata ReadMetadata(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return CheckpointReader.ReadMetadata(path);
    }
}
