namespace Unroll.Generation;

/// <summary>How text is drawn from a model. Every property has a default.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to produce at most.</summary>
    public int Length { get; init; } = 200;

    /// <summary>0 takes the likeliest token each time; 1 samples from the model's distribution; in between sharpens it, above flattens it.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample only among the k likeliest tokens; 0 = all.</summary>
    public int TopK { get; init; }

    /// <summary>Sample only among the fewest likeliest tokens whose probabilities reach p (Holtzman et al. 2020); 1 = all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Stop once this text has been produced; it is kept. Null = never.</summary>
    public string? Stop { get; init; }

    /// <summary>Equal seeds give equal texts.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Which of several samples this is; each draws its own random numbers.</summary>
    public ulong Sample { get; init; }
}
