namespace Unroll.Extensions.AI;

/// <summary>What a <see cref="UnrollChatClient"/> is and may use. Every property has a default.</summary>
public sealed record UnrollChatOptions
{
    /// <summary>What the model is called.</summary>
    public string ModelId { get; init; } = "unroll";

    /// <summary>How messages become text.</summary>
    public ChatTemplate Template { get; init; } = new();

    /// <summary>How text is drawn where a request does not say: by default 200 tokens at temperature 0.8. Equal requests get equal
    /// answers, because the seed is one of these options.</summary>
    public GenerationOptions Generation { get; init; } = new() { Temperature = 0.8 };

    /// <summary>How many answers can be gone on from: the states after so many are kept, those go that nobody has used for longest. A
    /// state takes 4 bytes for each layer and unit, twice as many with memory cells. 0 = none; answers then have no conversation.</summary>
    public int Conversations { get; init; } = 256;

    /// <summary>How many requests are answered side by side, and what that may use.</summary>
    public BatchOptions Batch { get; init; } = new() { Slots = 16 };

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="UnrollException">They do not.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ModelId);
        ArgumentNullException.ThrowIfNull(Template);
        ArgumentNullException.ThrowIfNull(Generation);
        ArgumentNullException.ThrowIfNull(Batch);
        if (Conversations < 0)
            throw new UnrollException($"{nameof(Conversations)} must be at least 0, not {Conversations}.");
        Generation.Validate();
        Batch.Validate();
    }
}
