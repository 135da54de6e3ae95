namespace Unroll;

/// <summary>The rule that turns gradients into updates.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with <see cref="TrainingOptions.Momentum"/> or without; weight decay is added to the
    /// gradient.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015), ε = 1e-8; weight decay is added to the gradient. With <see cref="TrainingOptions.Beta1"/> 0
    /// it is RMSprop (Tieleman and Hinton 2012) with the first updates corrected.</summary>
    Adam,

    /// <summary>AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient, which spares biases.</summary>
    AdamW,
}

/// <summary>What of a gradient is too large.</summary>
public enum ClipKind
{
    /// <summary>Its global L2 norm: the whole gradient is scaled down to it (Pascanu, Mikolov and Bengio 2013).</summary>
    Norm,

    /// <summary>A single element: it is cut off there, whatever the others are (Graves 2013). Gradients of vectors by n-gram, whose
    /// own rule divides by their size, are left as they are.</summary>
    Value,
}
