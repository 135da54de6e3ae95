// What a command line asks for may depend on the machine that reads it: on its speed, or on a file that lies there. On several ranks
// the first one's answer counts.
using System.Globalization;
using Unroll.Options;
using Unroll.Ranks;

namespace Unroll.Cli.Training;

/// <summary>Gives all ranks the first one's settings.</summary>
internal static class SharedPreset
{
    /// <summary>The first rank's settings; without ranks these.</summary>
    public static Preset? Decide(this RankGroup? ranks, Preset? own)
    {
        if (ranks is null)
            return own;
        string[] parts = ranks.Decide(own is null ? "" : string.Join('\n', Parts(own))).Split('\n');
        return parts is not [string name, string members, string passes, string model, string text, string corpus, string training] ? null
            : new Preset(
                name, "", OptionsReader.Read<ModelOptions>(model, ModelOptions.Pass), OptionsReader.Read<TextOptions>(text, TextOptions.Pass),
                OptionsReader.Read<CorpusOptions>(corpus, CorpusOptions.Pass), OptionsReader.Read<TrainingOptions>(training, TrainingOptions.Pass))
            {
                Members = int.Parse(members, CultureInfo.InvariantCulture),
                Passes = double.Parse(passes, CultureInfo.InvariantCulture),
            };
    }

    private static string[] Parts(Preset preset) =>
    [
        preset.Name,
        preset.Members.ToString(CultureInfo.InvariantCulture),
        preset.Passes.ToString("R", CultureInfo.InvariantCulture),
        OptionsWriter.Write(preset.Model, ModelOptions.Pass),
        OptionsWriter.Write(preset.Text, TextOptions.Pass),
        OptionsWriter.Write(preset.Corpus, CorpusOptions.Pass),
        OptionsWriter.Write(preset.Training, TrainingOptions.Pass),
    ];
}
