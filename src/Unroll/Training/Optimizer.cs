// From a gradient's norm to the numbers of an update. Refuses to know parameters and where gradients come from: the engine
// applies the update, and keeps what the rule remembers.
using Unroll.Kernels;

namespace Unroll.Training;

/// <summary>SGD, with momentum or without, Adam or AdamW; and clipping.</summary>
internal sealed class Optimizer(TrainingOptions options)
{
    private const double Epsilon = 1e-8;

    private readonly UpdateRule rule = options.Optimizer != OptimizerKind.Sgd ? UpdateRule.Adam
        : options.Momentum > 0 ? UpdateRule.Momentum : UpdateRule.Sgd;

    /// <summary>The names, for files, of the arrays that the rule remembers: the fading sum of gradients, or the running means of
    /// the gradient and of its square.</summary>
    public IReadOnlyList<string> Moments => rule switch
    {
        UpdateRule.Sgd => [],
        UpdateRule.Momentum => ["momentum"],
        _ => ["first_moment", "second_moment"],
    };

    /// <summary>β₁ᵗ and β₂ᵗ after t updates, kept as running products.</summary>
    public (double Beta1, double Beta2) Powers { get; set; } = (1, 1);

    /// <summary>The next update.</summary>
    /// <param name="norm">The gradient's norm: where norms are clipped, it counts as scaled down to the threshold if it is larger.</param>
    /// <param name="learningRate">This update's learning rate.</param>
    public UpdateStep Next(double norm, double learningRate)
    {
        var step = new UpdateStep
        {
            Rule = rule,
            Scale = options is { ClipBy: ClipKind.Norm, Clip: > 0 } && norm > options.Clip ? (float)(options.Clip / norm) : 1,
            Limit = options is { ClipBy: ClipKind.Value, Clip: > 0 } ? (float)options.Clip : 0,
            Rate = (float)learningRate,
            RowRate = (float)(rule == UpdateRule.Momentum ? learningRate / (1 - options.Momentum) : learningRate),
            TableRate = (float)(options.NgramRate * (learningRate / options.LearningRate)),
            Decay = options.Optimizer == OptimizerKind.AdamW ? 0 : (float)options.WeightDecay,
            Shrink = 1,
        };
        if (rule != UpdateRule.Adam)
            return rule == UpdateRule.Momentum ? step with { Beta1 = (float)options.Momentum } : step;
        Powers = (Powers.Beta1 * options.Beta1, Powers.Beta2 * options.Beta2);
        return step with
        {
            Rate = (float)(learningRate / (1 - Powers.Beta1)),
            Shrink = options.Optimizer == OptimizerKind.AdamW ? (float)(1 - learningRate * options.WeightDecay) : 1,
            Beta1 = (float)options.Beta1,
            Rest1 = (float)(1 - options.Beta1),
            Beta2 = (float)options.Beta2,
            Rest2 = (float)(1 - options.Beta2),
            RootCorrection = (float)(1 / Math.Sqrt(1 - Powers.Beta2)),
            Epsilon = (float)Epsilon,
        };
    }
}
