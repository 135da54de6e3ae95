namespace Unroll;

/// <summary>How the learning rate changes over the run.</summary>
public enum Schedule
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls along a straight line to zero at the run's end.</summary>
    Linear,

    /// <summary>It falls along half a cosine to zero at the run's end (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>It falls as a power of what is left of the run, to zero at its end: (1 − t)ᵖ with p =
    /// <see cref="TrainingOptions.SchedulePower"/>.</summary>
    Power,

    /// <summary>It stays until the validation loss stays, then falls to a fraction of itself, again and again
    /// (<see cref="TrainingOptions.PlateauPatience"/>, <see cref="TrainingOptions.PlateauFactor"/>).</summary>
    Plateau,
}
