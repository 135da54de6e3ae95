namespace Unroll.Kernels;

/// <summary>What all rows of a layer share: its weights, rearranged for the products. Only read while a window runs.</summary>
internal sealed class RecurrentWeights
{
    /// <summary>Per product of the cell: W_hhᵀ of its gate packed, [H, H].</summary>
    public required PackedMatrix[] Recurrent { get; init; }

    /// <summary>Per product: W_hh of its gate packed, [H, H]; empty where nothing is trained.</summary>
    public required PackedMatrix[] RecurrentBackward { get; init; }

    /// <summary>Per gate [V, H]: what a token adds to the pre-activations, bias included. Empty for dense input, whose product
    /// stands in the planes already.</summary>
    public required Matrix[] Lookup { get; init; }

    /// <summary>[P, H]: the biases each plane starts from, where no lookup or product brings them.</summary>
    public required Matrix Bias { get; init; }
}
