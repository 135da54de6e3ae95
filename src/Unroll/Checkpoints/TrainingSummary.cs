using Unroll.Options;

namespace Unroll;

/// <summary>How a model came to be: counts, losses and options, and nothing that differs between equal runs (no clock, no path).</summary>
public sealed record TrainingSummary
{
    /// <summary>Epochs run through to the end.</summary>
    public long Epochs { get; init; }

    /// <summary>Updates of the parameters.</summary>
    public long Updates { get; init; }

    /// <summary>Predictions made in training.</summary>
    public long Tokens { get; init; }

    /// <summary>Mean loss of the last epoch in nats per token, measured while the weights changed.</summary>
    public double TrainingLoss { get; init; }

    /// <summary>Loss on the validation text in nats per token, of the parameters in this file; null without one.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Loss on the validation text of the first network alone; null where the model is one network without a memory.</summary>
    public double? NetworkLoss { get; init; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>How the model learned. Null where it is not known.</summary>
    public TrainingOptions? Training { get; init; }

    /// <summary>Which part of the text it learned from. Null where it is not known.</summary>
    public CorpusOptions? Corpus { get; init; }

    /// <summary>The fingerprint of the text it learned from (<see cref="Unroll.Corpus.Fingerprint"/>). Null where it is not known.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The fingerprint of the model that it went on from (<see cref="LanguageModel.Fingerprint"/>). Null where it began with random
    /// weights.</summary>
    public string? From { get; init; }

    internal static TrainingSummary Pass(TrainingSummary summary, OptionsPass pass) => new()
    {
        Epochs = pass.Whole("epochs", nameof(Epochs), summary.Epochs),
        Updates = pass.Whole("updates", nameof(Updates), summary.Updates),
        Tokens = pass.Whole("tokens", nameof(Tokens), summary.Tokens),
        TrainingLoss = pass.Number("trainingLoss", nameof(TrainingLoss), summary.TrainingLoss),
        ValidationLoss = pass.Number("validationLoss", nameof(ValidationLoss), summary.ValidationLoss),
        NetworkLoss = pass.Number("networkLoss", nameof(NetworkLoss), summary.NetworkLoss),
        Seed = pass.Seed("seed", nameof(Seed), summary.Seed),
        Training = pass.Record("training", nameof(Training), summary.Training, TrainingOptions.Pass),
        Corpus = pass.Record("corpus", nameof(Corpus), summary.Corpus, CorpusOptions.Pass),
        Fingerprint = pass.Words("fingerprint", nameof(Fingerprint), summary.Fingerprint),
        From = pass.Words("from", nameof(From), summary.From),
    };
}
