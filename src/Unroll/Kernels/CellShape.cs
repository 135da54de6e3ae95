// What a cell is, said once: its gates, what it carries, its planes and products. Parameters, states, model files, kernels and
// benchmarks ask this, so that a new cell is one file.
namespace Unroll.Kernels;

/// <summary>What a recurrent product reads.</summary>
internal enum ProductSource
{
    /// <summary>h[t−1].</summary>
    Hidden,

    /// <summary>The extra plane of the same step, which an earlier stage's formula has made (r ⊙ h).</summary>
    Extra,
}

/// <summary>One recurrent product of a step: plane += source × W_hhᵀ of a gate.</summary>
/// <param name="Gate">Whose block of H rows of <c>weight_hh</c> is the matrix, and whose part of <c>bias_hh</c> goes with it.</param>
/// <param name="Plane">The plane that it is added to; the gate's input product always goes to the plane of the gate's number.</param>
/// <param name="Source">What is multiplied.</param>
/// <param name="Stage">In which stage of the step.</param>
internal sealed record RecurrentProduct(int Gate, int Plane, ProductSource Source = ProductSource.Hidden, int Stage = 0);

/// <summary>The shape of a cell of H units.</summary>
internal sealed record CellShape
{
    /// <summary>G: gates, each with input weights [H, in] and a bias; their pre-activations are the planes 0 … G−1.</summary>
    public required int Gates { get; init; }

    /// <summary>P: planes of [T·B, H] that hold pre-activations, then activations, then their gradients; at least G, at most 8.</summary>
    public required int Planes { get; init; }

    /// <summary>The recurrent products, by stage and in the order in which gradients are added up. None: a cell without a
    /// recurrent matrix, whose threads need not meet within a window.</summary>
    public required RecurrentProduct[] Products { get; init; }

    /// <summary>What is carried from step to step beside the hidden vector, by the name that files use (an LSTM's "cell"); or null.</summary>
    public string? Memory { get; init; }

    /// <summary>Whether the formula keeps one more plane: tanh(c), or the source of a later stage.</summary>
    public bool HasExtra { get; init; }

    /// <summary>The gates whose activations go from closed, 0, to open, 1: what people call them, and their planes.</summary>
    public IReadOnlyList<(string Name, int Plane)> Valves { get; init; } = [];

    /// <summary>The gate by which the memory is multiplied, where there is one.</summary>
    public int? ForgetGate { get; init; }

    /// <summary>The names of all that is carried, the hidden vector first.</summary>
    public IReadOnlyList<string> States => Memory is null ? ["hidden"] : ["hidden", Memory];

    /// <summary>Stages of a step: 1, or more where a product reads what an earlier formula of the same step made.</summary>
    public int Stages => Products.Length == 0 ? 1 : Products.Max(product => product.Stage) + 1;

    /// <summary>Gates that have recurrent weights: W_hh is [H · this, H].</summary>
    public int RecurrentGates => Products.Length;

    /// <summary>Whether a recurrent product has a plane to itself, so that its bias cannot be part of the input's.</summary>
    public bool NeedsRecurrentBias => Products.Any(product => product.Plane >= Gates);

    /// <summary>One recurrent product for every gate, all from h[t−1] into the gate's own plane.</summary>
    public static RecurrentProduct[] OnePerGate(int gates) => [.. Enumerable.Range(0, gates).Select(gate => new RecurrentProduct(gate, gate))];
}
