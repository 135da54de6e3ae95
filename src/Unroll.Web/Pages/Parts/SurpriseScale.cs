namespace Unroll.Web.Pages.Parts;

/// <summary>The colours of surprise: fixed, so that the same colour means the same in every text.</summary>
internal static class SurpriseScale
{
    /// <summary>Where each colour ends, in bits; the last has no end.</summary>
    public static IReadOnlyList<double> Ends { get; } = [1, 2, 4, 6, 8, 12];

    /// <summary>Where the colours of a difference end, in bits more on one side.</summary>
    public static IReadOnlyList<double> DifferenceEnds { get; } = [0.5, 2, 4];

    /// <summary>The style of a number of bits.</summary>
    public static string Of(double bits) => $"bits{Place(Ends, bits)}";

    /// <summary>The style of a difference: <c>more1</c> to <c>more3</c>, <c>less1</c> to <c>less3</c>, or nothing.</summary>
    public static string? OfDifference(double bits) => Place(DifferenceEnds, Math.Abs(bits)) is int place and > 0 ? $"{(bits > 0 ? "more" : "less")}{place}" : null;

    private static int Place(IReadOnlyList<double> ends, double bits)
    {
        int place = 0;
        while (place < ends.Count && bits >= ends[place])
            place++;
        return place;
    }
}
