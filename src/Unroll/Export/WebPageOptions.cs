namespace Unroll;

/// <summary>What a page that holds a model is to be. Every property has a default.</summary>
public sealed record WebPageOptions
{
    internal const long MostSize = 500_000_000; // browsers hold no longer text
    /// <summary>Bits of a weight: 16, which changes predictions by less than anybody sees, or 8, in half the room.</summary>
    public int Bits { get; init; } = 16;

    /// <summary>The most bytes of the page. What a model has beyond one network's weights is left out where it does not fit.</summary>
    public long Size { get; init; } = 32_000_000;

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Bits is 8 or 16, nameof(Bits), $"must be 8 or 16, not {Bits}.");
        OptionsException.Require(Size is >= 1 and <= MostSize, nameof(Size), $"must be between 1 and {MostSize} bytes, not {Size}.");
    }
}
