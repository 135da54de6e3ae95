using System.Text.Json;
using Unroll.Checkpoints;
using Unroll.Training;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>The settings of a run that is gone on with, so that nobody has to repeat them.</summary>
internal static class ResumedRun
{
    /// <summary>The settings that stand in a model file; null where there is no file, or nothing in it about its training.</summary>
    /// <exception cref="UnrollException">The file is damaged or not a model.</exception>
    public static Preset? Settings(string path)
    {
        if (!Path.Exists(path))
            return null;
        Checkpoint checkpoint = Checkpoint.Read(path);
        if (checkpoint.Summary?.Options is not string json)
            return null;
        try
        {
            TrainingOptions training = OptionsJson.Read(json, new TrainingOptions(), TrainingJson.Default.TrainingOptions);
            return new Preset(
                "resumed", "the settings of the run that is resumed", checkpoint.Model.Options, checkpoint.Model.Vocabulary.Text, training);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
