// From a gradient's norm to the numbers of an update. Refuses to know parameters and where gradients come from: the engine
// applies the update, and keeps what the rule remembers.
using Unroll.Kernels;

namespace Unroll.Training;

/// <summary>SGD, Adam or AdamW with clipping by the global norm.</summary>
internal sealed class Optimizer(TrainingOptions options)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    /// <summary>The names, for files, of the arrays that the rule remembers: the running mean of the gradient and of its square.</summary>
    public IReadOnlyList<string> Moments { get; } = options.Optimizer == OptimizerKind.Sgd ? [] : ["first_moment", "second_moment"];

    /// <summary>β₁ᵗ and β₂ᵗ after t updates, kept as running products.</summary>
    public (double Beta1, double Beta2) Powers { get; set; } = (1, 1);

    /// <summary>The next update.</summary>
    /// <param name="norm">The gradient's norm: it counts as scaled down to the clipping threshold if it is larger.</param>
    /// <param name="learningRate">This update's learning rate.</param>
    public UpdateStep Next(double norm, double learningRate)
    {
        var step = new UpdateStep
        {
            Rule = options.Optimizer == OptimizerKind.Sgd ? UpdateRule.Sgd : UpdateRule.Adam,
            Scale = options.Clip > 0 && norm > options.Clip ? (float)(options.Clip / norm) : 1,
            Rate = (float)learningRate,
            TableRate = (float)(learningRate * options.NgramRate),
            Decay = options.Optimizer == OptimizerKind.AdamW ? 0 : (float)options.WeightDecay,
        };
        if (options.Optimizer == OptimizerKind.Sgd)
            return step;
        Powers = (Powers.Beta1 * Beta1, Powers.Beta2 * Beta2);
        return step with
        {
            Rate = (float)(learningRate / (1 - Powers.Beta1)),
            Shrink = options.Optimizer == OptimizerKind.AdamW ? (float)(1 - learningRate * options.WeightDecay) : 1,
            Beta1 = (float)Beta1,
            Rest1 = (float)(1 - Beta1),
            Beta2 = (float)Beta2,
            Rest2 = (float)(1 - Beta2),
            RootCorrection = (float)(1 / Math.Sqrt(1 - Powers.Beta2)),
            Epsilon = (float)Epsilon,
        };
    }
}
