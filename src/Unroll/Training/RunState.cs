// Where a run stands, beside its arrays: written into the model file while the run is under way, so that it can go on as
// if it had never stopped.
using System.Text.Json.Serialization;

namespace Unroll.Training;

/// <summary>The counters and losses of a run under way.</summary>
internal sealed class RunState
{
    /// <summary>Epochs run through to the end.</summary>
    public required long Epoch { get; set; }

    /// <summary>Minibatches done of the epoch under way.</summary>
    public required long Minibatch { get; set; }

    /// <summary>Updates made.</summary>
    public required long Updates { get; set; }

    /// <summary>The sum of the losses of the minibatches done of the epoch under way.</summary>
    public required double LossSum { get; set; }

    /// <summary>The mean loss of the last finished epoch; 0 before.</summary>
    public required double EpochLoss { get; set; }

    /// <summary>How many updates had been made when the model was last measured.</summary>
    public required long MeasuredAt { get; set; }

    /// <summary>The best validation loss.</summary>
    public required double? BestValidationLoss { get; set; }

    /// <summary>β₁ᵗ and β₂ᵗ, for Adam.</summary>
    public required double Beta1Power { get; set; }

    /// <inheritdoc cref="Beta1Power"/>
    public required double Beta2Power { get; set; }

    /// <summary>What tells a diverging run.</summary>
    public required DivergenceGuard Guard { get; init; }

    /// <summary>Seconds the run has taken in all its parts; they matter for a time budget only.</summary>
    public required double Seconds { get; set; }

    /// <summary>The mean loss of the epoch under way, or of the last one where none has begun.</summary>
    [JsonIgnore]
    public double MeanLoss => Minibatch > 0 ? LossSum / Minibatch : EpochLoss;

    /// <summary>Before the first update.</summary>
    public static RunState Start() => new()
    {
        Epoch = 0,
        Minibatch = 0,
        Updates = 0,
        LossSum = 0,
        EpochLoss = 0,
        MeasuredAt = 0,
        BestValidationLoss = null,
        Beta1Power = 1,
        Beta2Power = 1,
        Guard = new DivergenceGuard(),
        Seconds = 0,
    };
}
