using Unroll.Kernels;

namespace Unroll.Training;

/// <summary>The learning rate of every update: a pure function of the options and of how far the run has come (and, for a plateau,
/// of what the validation text has said: <see cref="Plateau"/>).</summary>
internal static class LearningRate
{
    /// <param name="options">Rate, schedule and warm-up.</param>
    /// <param name="updates">Updates made so far.</param>
    /// <param name="fraction">How much of the run is done, 0 to 1.</param>
    public static double At(TrainingOptions options, long updates, double fraction)
    {
        // How much of its fall is done.
        double fallen = Math.Max(0, fraction - (1 - options.Cooldown)) / options.Cooldown;
        double rate = options.LearningRate * options.Schedule switch
        {
            Schedule.Linear => 1 - fallen,
            Schedule.Cosine => (1 + Cosine.OfPi(fallen)) / 2,
            Schedule.Power => Functions.Power(1 - fallen, options.SchedulePower),
            _ => 1,
        };
        return updates < options.Warmup ? rate * (updates + 1) / options.Warmup : rate;
    }
}
