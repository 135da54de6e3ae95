
namespace Unroll;

/// <summary>How a run ended.</summary>
/// <param name="Summary">Counts and losses, as kept in the model file.</param>
/// <param name="Completed">False when the run was cancelled; its state is saved and <c>Resume</c> goes on with it.</param>
/// <param name="Resumed">Whether it went on with an earlier run's state.</param>
/// <param name="Seconds">Seconds of this run.</param>
/// <param name="TokensPerSecond">Predictions per second of training time, over the last epoch; 0 where there was nothing left to do.</param>
public sealed record TrainingResult(TrainingSummary Summary, bool Completed, bool Resumed, double Seconds, double TokensPerSecond)
{
    /// <summary>A sentence that a person should see: what <see cref="RunOptions.Resume"/> found; null where it was not asked for.</summary>
    public string? Notice { get; init; }
}
