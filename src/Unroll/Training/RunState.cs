// Where a run stands, beside its arrays: written into the model file while the run is under way, so that it can go on as
// if it had never stopped.
using Unroll.Options;

namespace Unroll.Training;

/// <summary>The counters and losses of a run under way.</summary>
internal sealed record RunState
{
    /// <summary>Epochs run through to the end.</summary>
    public long Epoch { get; set; }

    /// <summary>Minibatches done of the epoch under way.</summary>
    public long Minibatch { get; set; }

    /// <summary>Updates made.</summary>
    public long Updates { get; set; }

    /// <summary>The sum of the losses of the minibatches done of the epoch under way.</summary>
    public double LossSum { get; set; }

    /// <summary>The mean loss of the last finished epoch; 0 before.</summary>
    public double EpochLoss { get; set; }

    /// <summary>How many updates had been made when the model was last measured.</summary>
    public long MeasuredAt { get; set; }

    /// <summary>Which of the measurements at equal fractions of the run that was; 0 = none.</summary>
    public long MeasuredPart { get; set; }

    /// <summary>Measurements in a row, up to the last, that were no better than the best.</summary>
    public int WorseInARow { get; set; }

    /// <summary>How often the run has gone back to the last good model.</summary>
    public int Rollbacks { get; set; }

    /// <summary>The plan of a run with a time budget.</summary>
    public string? Pace { get; set; }

    /// <summary>The best validation loss.</summary>
    public double? BestValidationLoss { get; set; }

    /// <summary>β₁ᵗ and β₂ᵗ, for Adam.</summary>
    public double Beta1Power { get; set; } = 1;

    /// <inheritdoc cref="Beta1Power"/>
    public double Beta2Power { get; set; } = 1;

    /// <summary>What tells a diverging run.</summary>
    public DivergenceGuard Guard { get; set; } = new();

    /// <summary>What a plateau schedule has seen of the validation losses.</summary>
    public Plateau Plateau { get; init; } = new();

    /// <summary>How many samples the average of weights is the mean of.</summary>
    public long Averaged { get; set; }

    /// <summary>Seconds the run has taken in all its parts; they matter for a time budget only.</summary>
    public double Seconds { get; set; }

    /// <summary>The mean loss of the epoch under way, or of the last one where none has begun.</summary>
    public double MeanLoss => Minibatch > 0 ? LossSum / Minibatch : EpochLoss;

    /// <summary>The state as a file keeps it.</summary>
    public static RunState Pass(RunState state, OptionsPass pass) => new()
    {
        Epoch = pass.Whole("epoch", nameof(Epoch), state.Epoch),
        Minibatch = pass.Whole("minibatch", nameof(Minibatch), state.Minibatch),
        Updates = pass.Whole("updates", nameof(Updates), state.Updates),
        LossSum = pass.Number("lossSum", nameof(LossSum), state.LossSum),
        EpochLoss = pass.Number("epochLoss", nameof(EpochLoss), state.EpochLoss),
        MeasuredAt = pass.Whole("measuredAt", nameof(MeasuredAt), state.MeasuredAt),
        MeasuredPart = pass.Whole("measuredPart", nameof(MeasuredPart), state.MeasuredPart),
        WorseInARow = pass.Count("worseInARow", nameof(WorseInARow), state.WorseInARow),
        Rollbacks = pass.Count("rollbacks", nameof(Rollbacks), state.Rollbacks),
        Pace = pass.Words("pace", nameof(Pace), state.Pace),
        BestValidationLoss = pass.Number("bestValidationLoss", nameof(BestValidationLoss), state.BestValidationLoss),
        Beta1Power = pass.Number("beta1Power", nameof(Beta1Power), state.Beta1Power),
        Beta2Power = pass.Number("beta2Power", nameof(Beta2Power), state.Beta2Power),
        Guard = pass.Record("guard", nameof(Guard), state.Guard, DivergenceGuard.Pass) ?? new DivergenceGuard(),
        Plateau = pass.Record("plateau", nameof(Plateau), state.Plateau, Plateau.Pass) ?? new Plateau(),
        Averaged = pass.Whole("averaged", nameof(Averaged), state.Averaged),
        Seconds = pass.Number("seconds", nameof(Seconds), state.Seconds),
    };
}
