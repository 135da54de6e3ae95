// The one schedule that no formula gives beforehand: the learning rate falls when the validation loss has stopped falling.
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Counts measurements without a new best loss, and says what the learning rate is multiplied by.</summary>
internal sealed record Plateau
{
    /// <summary>Measurements since the last best loss, or since the last fall of the learning rate.</summary>
    public int Waited { get; private set; }

    /// <summary>The product of all falls so far.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>Takes a measurement.</summary>
    /// <param name="options">How long to wait, and what to multiply by.</param>
    /// <param name="isBest">Whether the loss is the best so far.</param>
    public void Add(TrainingOptions options, bool isBest)
    {
        if (options.Schedule != Schedule.Plateau)
            return;
        Waited = isBest ? 0 : Waited + 1;
        if (Waited >= options.PlateauPatience)
            (Waited, Scale) = (0, Scale * options.PlateauFactor);
    }

    /// <summary>The counts as a file keeps them.</summary>
    public static Plateau Pass(Plateau plateau, OptionsPass pass) => new()
    {
        Waited = pass.Count("waited", nameof(Waited), plateau.Waited),
        Scale = pass.Number("scale", nameof(Scale), plateau.Scale),
    };
}
