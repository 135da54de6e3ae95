// From gradients to new parameters. Holds the moments; refuses to know where gradients come from or when to stop.
using Unroll.Kernels;

namespace Unroll.Training;

/// <summary>SGD, Adam or AdamW with clipping by the global norm.</summary>
internal sealed class Optimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly TrainingOptions options;
    private readonly Action<int> update;
    private float[] values = [];
    private float[] gradients = [];
    private UpdateStep step;
    private int parts;

    /// <param name="options">How the parameters move.</param>
    /// <param name="parameters">How many there are.</param>
    public Optimizer(TrainingOptions options, int parameters)
    {
        (this.options, update) = (options, UpdateShare);
        int moments = options.Optimizer == OptimizerKind.Sgd ? 0 : parameters;
        (FirstMoment, SecondMoment) = (new float[moments], new float[moments]);
    }

    /// <summary>The running mean of the gradient; empty for SGD.</summary>
    public float[] FirstMoment { get; }

    /// <summary>The running mean of the gradient's square; empty for SGD.</summary>
    public float[] SecondMoment { get; }

    /// <summary>β₁ᵗ and β₂ᵗ after t updates, kept as running products.</summary>
    public (double Beta1, double Beta2) Powers { get; set; } = (1, 1);

    /// <summary>The gradients' global L2 norm; not finite if one of them is not.</summary>
    public static double Norm(ReadOnlySpan<float> gradients) => Math.Sqrt(GradientNorm.SumOfSquares(gradients));

    /// <summary>Updates the parameters.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Their gradients; left as they are.</param>
    /// <param name="norm">The gradients' <see cref="Norm"/>: they count as scaled down to the clipping threshold if it is larger.</param>
    /// <param name="learningRate">This update's learning rate.</param>
    /// <param name="team">Threads that share the work, which is element by element; null = the caller's alone.</param>
    public void Update(float[] values, float[] gradients, double norm, double learningRate, ThreadTeam? team = null)
    {
        (this.values, this.gradients, parts) = (values, gradients, team?.Count ?? 1);
        step = new UpdateStep
        {
            Scale = options.Clip > 0 && norm > options.Clip ? (float)(options.Clip / norm) : 1,
            Rate = (float)learningRate,
            Decay = options.Optimizer == OptimizerKind.AdamW ? 0 : (float)options.WeightDecay,
        };
        if (options.Optimizer != OptimizerKind.Sgd)
        {
            Powers = (Powers.Beta1 * Beta1, Powers.Beta2 * Beta2);
            step = step with
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
        if (team is null)
            UpdateShare(0);
        else
            team.Run(update);
    }

    private void UpdateShare(int thread)
    {
        (int start, int end) = Lookup.Columns(values.Length, thread, parts);
        Span<float> mine = values.AsSpan(start, end - start);
        ReadOnlySpan<float> gradient = gradients.AsSpan(start, end - start);
        if (options.Optimizer == OptimizerKind.Sgd)
            ParameterUpdate.Sgd(mine, gradient, step);
        else
            ParameterUpdate.Adam(mine, gradient, FirstMoment.AsSpan(start, end - start), SecondMoment.AsSpan(start, end - start), step);
    }
}
