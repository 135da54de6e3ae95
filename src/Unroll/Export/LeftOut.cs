namespace Unroll;

/// <summary>What a page has not of the model that it was made of.</summary>
public sealed record LeftOut
{
    /// <summary>Tokens that the model's memory of counts holds, which no page carries; 0 = it has none.</summary>
    public long MemoryTokens { get; init; }

    /// <summary>Networks of an average for which there is no room.</summary>
    public int Networks { get; init; }

    /// <summary>N-grams whose vectors there is no room for, in all networks that are there.</summary>
    public long Ngrams { get; init; }
}
