namespace Unroll.Extensions.AI;

/// <summary>What a <see cref="UnrollEmbeddingGenerator"/> is and may use. Every property has a default.</summary>
public sealed record UnrollEmbeddingOptions
{
    /// <summary>What the model is called.</summary>
    public string ModelId { get; init; } = "unroll";

    /// <summary>Whether vectors have length 1, so that their inner product is the cosine of their angle; otherwise they are the hidden
    /// vectors as they are.</summary>
    public bool Normalized { get; init; } = true;

    /// <summary>How many texts are read side by side, and what that may use. Who comes when all slots are taken waits.</summary>
    public BatchOptions Batch { get; init; } = new() { Slots = 16 };

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="UnrollException">They do not.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ModelId);
        ArgumentNullException.ThrowIfNull(Batch);
        Batch.Validate();
    }
}
