// How text is drawn from a model. The command line carries this same record under these names.
using Unroll.Generation;

namespace Unroll;

/// <summary>How text is drawn from a model. Every property has a default.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to produce at most.</summary>
    public int Length { get; init; } = 200;

    /// <summary>0 takes the likeliest token each time; 1 samples from the model's distribution; in between sharpens it, above flattens it.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample only among the k likeliest tokens; 0 = all.</summary>
    public int TopK { get; init; }

    /// <summary>Sample only among the fewest likeliest tokens whose probabilities reach p (Holtzman et al. 2020), of those that
    /// <see cref="Temperature"/> and <see cref="TopK"/> leave; 1 = all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Stop as soon as one of these texts has been produced; it is kept, and nothing after it. The prefix does not count.
    /// None = never.</summary>
    public IReadOnlyList<string> StopSequences { get; init => field = new TextList(value); } = TextList.Empty;

    /// <summary>Equal seeds give equal texts.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Which of several samples this is; each draws its own random numbers.</summary>
    public ulong Sample { get; init; }

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Length >= 0, nameof(Length), $"must be at least 0, not {Length}.");
        OptionsException.Require(double.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), $"must be at least 0, not {Temperature}.");
        OptionsException.Require(TopK >= 0, nameof(TopK), $"must be at least 1 (or 0 for all tokens), not {TopK}.");
        OptionsException.Require(TopP > 0 && TopP <= 1, nameof(TopP), $"must be greater than 0 and at most 1, not {TopP}.");
        OptionsException.Require(StopSequences.All(text => !string.IsNullOrEmpty(text)), nameof(StopSequences), $"must be texts of at least one character each.");
    }
}
