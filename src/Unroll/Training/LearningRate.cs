namespace Unroll.Training;

/// <summary>The learning rate of every update: a pure function of the options and of how far the run has come.</summary>
internal static class LearningRate
{
    /// <param name="options">Rate, schedule and warm-up.</param>
    /// <param name="updates">Updates made so far.</param>
    /// <param name="fraction">How much of the run is done, 0 to 1.</param>
    public static double At(TrainingOptions options, long updates, double fraction)
    {
        double rate = options.LearningRate * options.Schedule switch
        {
            Schedule.Linear => 1 - fraction,
            Schedule.Cosine => (1 + Cosine.OfPi(fraction)) / 2,
            _ => 1,
        };
        return updates < options.Warmup ? rate * (updates + 1) / options.Warmup : rate;
    }
}
