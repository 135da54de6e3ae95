// After LSTMVis (Strobelt, Gehrmann, Pfister and Rush 2018): a person marks a stretch that means something (a quotation, a name, an
// indented block), sees which units say so, and where else they do.
namespace Unroll;

/// <summary>The units that are on throughout a stretch of a text and were not just before it. On is an activation beyond a threshold,
/// with the same sign all along.</summary>
public sealed class UnitSelection
{
    /// <summary>The longest stretch, in tokens.</summary>
    public const int MostTokens = 1000;

    private readonly UnitTrace trace;

    /// <summary>Finds them.</summary>
    /// <param name="trace">The text, as a network read it.</param>
    /// <param name="from">The stretch's first token, from 0. Before a text's first token no unit counts as on.</param>
    /// <param name="to">The token after its last.</param>
    /// <param name="threshold">What an activation must exceed; 0.3 as in LSTMVis.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stretch.</exception>
    /// <exception cref="UnrollException">The stretch is too long, or the threshold below 0.</exception>
    public UnitSelection(UnitTrace trace, int from, int to, float threshold = 0.3f)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, trace.Tokens.Count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        if (to - from > MostTokens)
            throw new UnrollException($"The selection has {to - from} tokens, {MostTokens} at most are compared: select less.");
        if (!(threshold >= 0 && float.IsFinite(threshold)))
            throw new UnrollException($"The threshold of activations must be at least 0, not {threshold}.");
        (this.trace, From, To, Threshold) = (trace, from, to, threshold);
        var units = new List<SelectedUnit>();
        for (int layer = 0; layer < trace.Layers; layer++)
            for (int unit = 0; unit < trace.Units; unit++)
            {
                var candidate = new SelectedUnit(layer, unit, trace.Hidden(from, layer)[unit] > 0);
                if (IsOn(trace, candidate, from, to) && !(from > 0 && IsOn(trace, candidate, from - 1, from)))
                    units.Add(candidate);
            }
        Units = units;
    }

    /// <summary>The first token.</summary>
    public int From { get; }

    /// <summary>The token after the last.</summary>
    public int To { get; }

    /// <summary>What an activation must exceed to be on.</summary>
    public float Threshold { get; }

    /// <summary>The units, by layer and number.</summary>
    public IReadOnlyList<SelectedUnit> Units { get; }

    /// <summary>Finds other stretches of the same length where most of the units are on throughout, those whose activations are closest
    /// first among as many, then by place. None overlaps another, nor the selection.</summary>
    /// <param name="text">Where to look: a text that the same network read; null = the selection's own.</param>
    /// <param name="most">How many to find at most.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The best first; only such as have one of the units on.</returns>
    /// <exception cref="ArgumentException">Another network read the text.</exception>
    public IReadOnlyList<StretchMatch> FindAlike(UnitTrace? text = null, int most = 20, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        text ??= trace;
        if (text.Network != trace.Network)
            throw new ArgumentException("The text was read by another network.", nameof(text));
        int length = To - From;
        var found = new List<StretchMatch>();
        bool[] taken = new bool[text.Tokens.Count];
        if (text == trace)
            taken.AsSpan(From, length).Fill(true);
        // Distances are measured only among as many units on, and only until there are enough.
        foreach (IGrouping<int, int> equals in UnitsOn(text).Select((count, start) => (count, start)).Where(place => place.count > 0)
            .GroupBy(place => place.count, place => place.start).OrderByDescending(group => group.Key))
        {
            if (found.Count == most)
                break;
            var places = new List<(double Distance, int Start)>();
            foreach (int start in equals.Where(IsFree))
            {
                cancellationToken.ThrowIfCancellationRequested();
                places.Add((Distance(text, start), start));
            }
            foreach ((double distance, int start) in places.Order())
            {
                if (found.Count == most || !IsFree(start))
                    continue;
                found.Add(new StretchMatch(start, start + length, equals.Key, distance));
                taken.AsSpan(start, length).Fill(true);
            }
        }
        return found;

        // Of stretches of one length two overlap where an end of the one lies in the other.
        bool IsFree(int start) => !taken[start] && !taken[start + length - 1];
    }

    private static bool IsOn(float activation, bool isPositive, float threshold) => isPositive ? activation > threshold : activation < -threshold;

    private bool IsOn(UnitTrace text, SelectedUnit unit, int from, int to)
    {
        for (int token = from; token < to; token++)
            if (!IsOn(text.Hidden(token, unit.Layer)[unit.Unit], unit.IsPositive, Threshold))
                return false;
        return true;
    }

    /// <summary>For every place where a stretch may begin, how many of the units are on throughout it.</summary>
    private int[] UnitsOn(UnitTrace text)
    {
        int length = To - From;
        int[] counts = new int[Math.Max(0, text.Tokens.Count - length + 1)];
        foreach (SelectedUnit unit in Units)
        {
            int run = 0; // tokens in a row that it has been on for
            for (int token = 0; token < text.Tokens.Count; token++)
            {
                run = IsOn(text.Hidden(token, unit.Layer)[unit.Unit], unit.IsPositive, Threshold) ? run + 1 : 0;
                if (run >= length)
                    counts[token - length + 1]++;
            }
        }
        return counts;
    }

    private double Distance(UnitTrace text, int start)
    {
        double sum = 0;
        for (int i = 0; i < To - From; i++)
            foreach (SelectedUnit unit in Units)
            {
                double difference = (double)text.Hidden(start + i, unit.Layer)[unit.Unit] - trace.Hidden(From + i, unit.Layer)[unit.Unit];
                sum += difference * difference;
            }
        return Math.Sqrt(sum / ((long)(To - From) * Units.Count));
    }
}
