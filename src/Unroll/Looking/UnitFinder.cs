// Finds units by what they follow. The score is the absolute correlation, not the area under the ROC curve: it means the same for what
// is there or not (a quotation) and for what can be counted (the place in a line), it says with its sign which way a unit goes, and it
// takes one pass over the text instead of sorting it for every unit.
using Unroll.Looking;

namespace Unroll;

/// <summary>Finds the units that follow a feature of a text: the quotation cell, the one that counts a line's length, and so on
/// (Karpathy, Johnson and Fei-Fei 2015).</summary>
public static class UnitFinder
{
    /// <summary>Compares every unit with every feature.</summary>
    /// <param name="trace">A text as a network read it.</param>
    /// <param name="cells">Whether the memory cells are compared instead of the hidden vectors: what an LSTM counts it keeps there, and
    /// shows only where its output gate is open.</param>
    /// <returns>All pairs of a unit and a feature with a score above 0, the highest first, ties by feature, layer and unit. A feature
    /// that is the same at every token of the text is not among them.</returns>
    /// <exception cref="InvalidOperationException">There are no memory cells.</exception>
    public static IReadOnlyList<UnitMatch> Find(UnitTrace trace, bool cells = false)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var features = FeatureReader.Read(trace.Tokens).Select((values, feature) => (Feature: (TextFeature)feature, Deviations: Centre(values)))
            .Where(feature => feature.Deviations.AsSpan().ContainsAnyExcept(0)).ToArray();
        var matches = new List<UnitMatch>();
        for (int layer = 0; layer < trace.Layers; layer++)
        {
            double[] means = Means(trace, layer, cells);
            double[] squares = new double[trace.Units]; // Σ (h − mean)²
            for (int token = 0; token < trace.Tokens.Count; token++)
            {
                ReadOnlySpan<float> values = Row(trace, token, layer, cells);
                for (int unit = 0; unit < values.Length; unit++)
                    squares[unit] += (values[unit] - means[unit]) * (values[unit] - means[unit]);
            }
            foreach ((TextFeature feature, double[] deviations) in features)
            {
                double[] products = Products(trace, layer, cells, means, deviations);
                double length = Math.Sqrt(SumOfSquares(deviations));
                for (int unit = 0; unit < trace.Units; unit++)
                    if (squares[unit] > 0 && products[unit] != 0)
                        matches.Add(new UnitMatch(feature, layer, unit, Math.Clamp(products[unit] / length / Math.Sqrt(squares[unit]), -1, 1)));
            }
        }
        return [.. matches.OrderByDescending(match => match.Score).ThenBy(match => match.Feature).ThenBy(match => match.Layer).ThenBy(match => match.Unit)];
    }

    private static ReadOnlySpan<float> Row(UnitTrace trace, int token, int layer, bool cells) => cells ? trace.Cell(token, layer) : trace.Hidden(token, layer);

    /// <summary>What is left of values without their mean; all 0 where they are equal.</summary>
    private static double[] Centre(double[] values)
    {
        if (!values.AsSpan().ContainsAnyExcept(values[0]))
            return new double[values.Length];
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return [.. values.Select(value => value - sum / values.Length)];
    }

    // From the first value on, so that the mean of equal numbers is that number.
    private static double[] Means(UnitTrace trace, int layer, bool cells)
    {
        float[] first = Row(trace, 0, layer, cells).ToArray();
        double[] sums = new double[trace.Units];
        for (int token = 0; token < trace.Tokens.Count; token++)
        {
            ReadOnlySpan<float> values = Row(trace, token, layer, cells);
            for (int unit = 0; unit < values.Length; unit++)
                sums[unit] += values[unit] - first[unit];
        }
        return [.. sums.Select((sum, unit) => first[unit] + sum / trace.Tokens.Count)];
    }

    // Of every unit Σ (h − mean) · deviation.
    private static double[] Products(UnitTrace trace, int layer, bool cells, double[] means, double[] deviations)
    {
        double[] products = new double[trace.Units];
        for (int token = 0; token < deviations.Length; token++)
        {
            ReadOnlySpan<float> values = Row(trace, token, layer, cells);
            for (int unit = 0; unit < values.Length; unit++)
                products[unit] += (values[unit] - means[unit]) * deviations[token];
        }
        return products;
    }

    private static double SumOfSquares(double[] values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value * value;
        return sum;
    }
}
