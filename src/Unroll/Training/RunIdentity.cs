// Whether a file's run and the run that is asked for are the same one: same model, same text, same options.
using Unroll.Options;
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>What makes two runs the same run.</summary>
internal sealed class RunIdentity(LanguageModel model, Corpus corpus, TrainingOptions options)
{
    /// <summary>How a file's run differs from this one, such as "LearningRate was 0.002, now 0.01"; empty where it does not.</summary>
    public IReadOnlyList<Sentence> Differences(CheckpointMetadata file)
    {
        if (file.Summary is not { Training: { } training, Corpus: { } part } summary)
            return [$"the file does not say how its model was trained"];
        // A finished run with a time budget stands in its file as the one that repeats it. Which budget that was, nobody knows.
        if (training.Pace is not null && options.Budget is not null)
            training = training with { Budget = options.Budget, Updates = 0, Pace = null };
        if (summary.From != model.Origin)
            return [$"its model {Beginning(summary.From)}, this one {Beginning(model.Origin)}"];
        if (file.Networks.Count != model.Members.Count)
            return [$"its model has {Networks(file.Networks.Count)}, this one {Networks(model.Members.Count)}"];
        Sentence[] differences =
        [
            .. file.Networks.Zip(model.Members).SelectMany(pair => OptionsList.Between(pair.First, pair.Second.Options, ModelOptions.Pass)),
            .. OptionsList.Between(file.Vocabulary.Text, model.Vocabulary.Text, TextOptions.Pass),
            .. OptionsList.Between(part, corpus.Options, CorpusOptions.Pass),
            .. OptionsList.Between(training, options, TrainingOptions.Pass),
        ];
        return differences.Length == 0 && summary.Fingerprint != corpus.Fingerprint ? [$"the text was another one"] : differences;
    }

    /// <summary>Makes sure that all ranks have the same run before them, and begin with the same numbers.</summary>
    /// <exception cref="UnrollException">This rank has another text, or other options.</exception>
    public void RequireSame(RankGroup? ranks)
    {
        if (ranks is null)
            return;
        string own = string.Concat(
        [
            OptionsWriter.Write(options, TrainingOptions.Pass), OptionsWriter.Write(corpus.Options, CorpusOptions.Pass),
            .. model.Members.Select(network => OptionsWriter.Write(network.Options, ModelOptions.Pass)),
        ]);
        ranks.RequireSame(own, "was given other options than the first rank: start all of them with the same command.");
        ranks.RequireSame(corpus.Fingerprint, $"has read another text than the first rank: {corpus.Name} must be the same on every machine.");
        foreach (LanguageModel network in model.Members)
            ranks.Decide(network.Parameters.Values);
    }

    /// <summary>What a model file says of the run while it is under way.</summary>
    public TrainingSummary Summary => new() { Seed = options.Seed, Training = options, Corpus = corpus.Options, Fingerprint = corpus.Fingerprint, From = model.Origin };

    private static string Beginning(string? origin) => origin is null ? "began with random weights" : $"goes on from the model with the fingerprint {origin[..8]}…";

    private static string Networks(int count) => count == 1 ? "one network" : $"{count} networks";
}
