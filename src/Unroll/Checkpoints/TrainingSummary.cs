namespace Unroll;

/// <summary>How a model came to be: counts and losses, and nothing that differs between equal runs (no clock, no path).</summary>
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

    /// <summary>The seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>The run's training options: a JSON object under the command line's names. Null where it is not known.</summary>
    public string? Options { get; init; }

    /// <summary>The fingerprint of the text it learned from (<see cref="Corpus.Fingerprint"/>). Null where it is not known.</summary>
    public string? Text { get; init; }
}
