namespace Unroll.Tests.Reference;

/// <summary>What dropout multiplies by: 0 or 1/(1 − p), by position.</summary>
internal sealed record ReferenceNoise
{
    /// <summary>An output on its way up: layer, step, row and unit.</summary>
    public Func<int, int, int, int, double>? Output { get; init; }

    /// <summary>A hidden unit, for the next step and for all above: layer, row and unit.</summary>
    public Func<int, int, int, double>? State { get; init; }
}
