namespace Unroll.Kernels;

/// <summary>The formula of an update.</summary>
internal enum UpdateRule
{
    /// <summary>p ← p − η·g; remembers nothing.</summary>
    Sgd,

    /// <summary>By a running sum of gradients that fades by μ at every update: one moment.</summary>
    Momentum,

    /// <summary>By the running means of the gradient and of its square: two moments.</summary>
    Adam,
}

/// <summary>The numbers of one update that are the same for every parameter.</summary>
internal readonly record struct UpdateStep
{
    /// <summary>The formula.</summary>
    public required UpdateRule Rule { get; init; }

    /// <summary>What the gradient is multiplied by: 1, or less where its norm is clipped.</summary>
    public required float Scale { get; init; }

    /// <summary>What elements of the gradient are cut off at, either way; 0 = nothing.</summary>
    public float Limit { get; init; }

    /// <summary>The learning rate; for Adam divided by 1 − β₁ᵗ.</summary>
    public required float Rate { get; init; }

    /// <summary>The rate of rows that few windows touch: the learning rate, for momentum divided by 1 − μ.</summary>
    public float RowRate { get; init; }

    /// <summary>The rate of the tables by n-gram.</summary>
    public float TableRate { get; init; }

    /// <summary>λ where weight decay is added to the gradient, else 0.</summary>
    public float Decay { get; init; }

    /// <summary>1 − ηλ where weight decay stands apart from the gradient (Adam only), else 1.</summary>
    public float Shrink { get; init; }

    /// <summary>β₁, or momentum's μ.</summary>
    public float Beta1 { get; init; }

    /// <summary>1 − β₁.</summary>
    public float Rest1 { get; init; }

    /// <summary>β₂.</summary>
    public float Beta2 { get; init; }

    /// <summary>1 − β₂.</summary>
    public float Rest2 { get; init; }

    /// <summary>1 / √(1 − β₂ᵗ).</summary>
    public float RootCorrection { get; init; }

    /// <summary>ε.</summary>
    public float Epsilon { get; init; }

    /// <summary>The same for rows that few windows touch. What momentum, or the running mean of gradients, would spread over the next
    /// ten updates comes at once: those do not touch the row, and at the next one that does it would be out of date.</summary>
    /// <param name="shrinks">Whether weight decay that stands apart from the gradient shrinks them.</param>
    public UpdateStep OfRows(bool shrinks) => this with
    {
        Rule = Rule == UpdateRule.Momentum ? UpdateRule.Sgd : Rule,
        Rate = RowRate,
        Beta1 = 0,
        Rest1 = 1,
        Shrink = shrinks ? Shrink : 1,
    };
}
