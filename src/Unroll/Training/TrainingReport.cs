using Unroll.Training;

namespace Unroll;

/// <summary>What a trainer tells while it works: some ten times a second inside an epoch, after every save, and at each epoch's end.</summary>
public sealed record TrainingReport
{
    /// <summary>The epoch, from 1.</summary>
    public required long Epoch { get; init; }

    /// <summary>Epochs planned; null where updates or a time budget decide.</summary>
    public long? Epochs { get; init; }

    /// <summary>Updates made so far.</summary>
    public required long Update { get; init; }

    /// <summary>Updates planned in all, as far as known.</summary>
    public long? Updates { get; init; }

    /// <summary>How much of the run is done, 0 to 1.</summary>
    public required double Fraction { get; init; }

    /// <summary>Predictions made so far.</summary>
    public required long Tokens { get; init; }

    /// <summary>Mean loss of this epoch so far, nats per token.</summary>
    public required double Loss { get; init; }

    /// <summary>exp(<see cref="Loss"/>).</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Loss on the validation text, where it was measured just now (<see cref="TrainingOptions.Measurements"/>).</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The best validation loss so far.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Predictions per second of training time in this epoch: validation, saves and listeners do not count.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Seconds of this run so far, saves and validation included.</summary>
    public required double Seconds { get; init; }

    /// <summary>The learning rate of the last update.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The gradient's global norm at the last update, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Whether an epoch (or the run) ends with this report: a good moment to plot and to sample from the model.</summary>
    public required bool EndOfEpoch { get; init; }

    /// <summary>Of a model of several networks, what each of them reports, as far as they have begun; the report itself is of the
    /// whole then: counts of the one that is least far, sums of tokens, the mean of the training losses, the validation loss of the
    /// mixture of the best so far.</summary>
    public IReadOnlyList<TrainingReport> Networks { get; init; } = [];

    /// <summary>Whether the state was saved since the last report.</summary>
    public bool Saved { get; init; }

    /// <summary>What a person should see: in a run's first report, what <see cref="RunOptions.Resume"/> found; that the run went back
    /// to an earlier model or ends early; otherwise null.</summary>
    public string? Notice { get; init; }
}
