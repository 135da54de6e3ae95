// The model that a run goes on from: another one's file, or the resumed run's own, which has all of it that is needed.
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Files;

namespace Unroll.Cli.Training;

/// <summary>A model to go on from.</summary>
internal sealed class StartingModel
{
    private const int MostShown = 20;

    private readonly LanguageModel model;
    private readonly string path;
    private readonly bool isOwn; // the resumed run's

    private StartingModel(string path, LanguageModel model, bool isOwn) => (this.path, this.model, this.isOwn) = (path, model, isOwn);

    /// <summary>The tokens that it knows.</summary>
    public Vocabulary Vocabulary => model.Vocabulary;

    /// <summary>The model that a plan goes on from; null where the run begins with random weights.</summary>
    /// <exception cref="UsageException">The options ask for another shape than the model's, or another way of reading.</exception>
    /// <exception cref="UnrollException">The file is missing, damaged or not a model.</exception>
    public static StartingModel? Find(TrainPlan plan)
    {
        StartingModel? start = Resumed(plan) is { } own ? new StartingModel(plan.Out, own, isOwn: true)
            : plan.From is string file ? new StartingModel(file, LanguageModel.Load(file), isOwn: false)
            : null;
        start?.Check(plan);
        return start;
    }

    /// <summary>The model that learns from a text.</summary>
    public LanguageModel For(Corpus corpus) => isOwn ? model : LanguageModel.From(model, corpus);

    /// <summary>Which model it is, and what it makes of a text's tokens.</summary>
    public string Describe(Corpus corpus)
    {
        if (isOwn)
            return $"the model with the fingerprint {model.Origin}";
        string[] others = [.. corpus.Vocabulary.Tokens.Skip(model.Vocabulary.Count)];
        long unknown = corpus.Counts[Vocabulary.UnknownId];
        string tokens = Words.Tokens(model.Vocabulary.Text);
        return $"{path}, which knows {Figures.Count(model.Vocabulary.Count)} different {tokens}"
            + (others.Length > 0 ? $"; {Figures.Count(others.Length)} more are new: {string.Join(' ', others.Take(MostShown).Select(VisibleText.Token))}{(others.Length > MostShown ? " …" : "")}" : "")
            + (unknown > 0 ? $"; {Figures.Count(unknown)} of the text's {Figures.Count(corpus.Counts.Sum())} are unknown to it and become <unk>" : "");
    }

    // Where the model's own file was to become the run's, it has been put aside by now.
    private static LanguageModel? Resumed(TrainPlan plan)
    {
        if (!plan.Resume || !Path.Exists(plan.Out) || (plan.From != null && !FirstLook.IsSame(plan.From, plan.Out)))
            return null;
        if (Checkpoint.ReadMetadata(plan.Out).Summary?.From is not { } origin)
            return null;
        LanguageModel own = LanguageModel.Load(plan.Out);
        own.Origin = origin;
        return own;
    }

    private void Check(TrainPlan plan)
    {
        foreach (Setting<ModelOptions> setting in TrainSettings.Model())
            Require(setting.Option.Name, setting.Get(model.Options), setting.Get(plan.ChangeModel(model.Options)));
        foreach (Setting<TextOptions> setting in TrainSettings.Text())
            Require(setting.Option.Name, setting.Get(Vocabulary.Text), setting.Get(plan.ChangeText(Vocabulary.Text)));
        Require("--members", $"{model.Members.Count}", $"{plan.Members ?? model.Members.Count}");
    }

    private void Require(string option, string own, string asked)
    {
        if (own != asked)
            throw new UsageException($"{option} is {own} in {path}, which is to go on, not {asked}; leave the option out, or train a model of its own without --from.");
    }
}
