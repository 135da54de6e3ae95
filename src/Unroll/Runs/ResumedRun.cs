
namespace Unroll.Runs;

/// <summary>The settings of a run that is gone on with, so that nobody has to repeat them.</summary>
internal static class ResumedRun
{
    /// <summary>The settings that stand in a model file; null where there is no file, or nothing in it about its training.</summary>
    /// <exception cref="UnrollException">The file is damaged or not a model.</exception>
    public static Preset? Settings(string path)
    {
        if (!Path.Exists(path))
            return null;
        CheckpointMetadata file = Checkpoint.ReadMetadata(path);
        return file.Summary is { Training: { } training, Corpus: { } corpus }
            ? new Preset("resumed", "the settings of the run that is resumed", file.Options, file.Vocabulary.Text, corpus, training) { Members = file.Networks.Count }
            : null;
    }
}
