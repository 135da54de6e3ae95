namespace Unroll.Ranks;

/// <summary>A part of a row of gradients that becomes whole at once, and is added up over ranks by itself.</summary>
/// <param name="Step">The step of the computation after which it is whole.</param>
/// <param name="Start">Its first element.</param>
/// <param name="Length">Its elements.</param>
internal readonly record struct SumPiece(int Step, int Start, int Length)
{
    /// <summary>Divides a row into pieces that are large enough to be sent by themselves: what several steps make waits for the last of
    /// them until there is as much.</summary>
    /// <param name="steps">Of each step, the elements that are whole after it: a start and a length. What no step names is whole after the last.</param>
    /// <param name="total">The row's elements.</param>
    /// <param name="least">Elements that are worth a message.</param>
    /// <returns>The pieces, the earliest first; together they are the row.</returns>
    public static List<SumPiece> Divide(IReadOnlyList<IReadOnlyList<(int Start, int Length)>> steps, int total, long least)
    {
        List<SumPiece> pieces = [];
        List<(int Start, int Length)> waiting = [], named = [.. steps.SelectMany(ranges => ranges)];
        for (int step = 0; step < steps.Count; step++)
        {
            waiting.AddRange(steps[step]);
            if (step == steps.Count - 1)
                waiting.AddRange(Rest(Joined(named), total));
            // The last piece is sent when nothing is left to compute beside, so it is not worth waiting for.
            if (step < steps.Count - 1 && waiting.Sum(range => (long)range.Length) < least)
                continue;
            pieces.AddRange(Joined(waiting).Select(range => new SumPiece(step, range.Start, range.Length)));
            waiting.Clear();
        }
        return pieces;
    }

    // Neighbours become one.
    private static List<(int Start, int Length)> Joined(IEnumerable<(int Start, int Length)> ranges)
    {
        List<(int Start, int Length)> joined = [];
        foreach ((int start, int length) in ranges.Where(range => range.Length > 0).OrderBy(range => range.Start))
        {
            if (joined.Count > 0 && joined[^1].Start + joined[^1].Length == start)
                joined[^1] = (joined[^1].Start, joined[^1].Length + length);
            else
                joined.Add((start, length));
        }
        return joined;
    }

    private static IEnumerable<(int Start, int Length)> Rest(IEnumerable<(int Start, int Length)> named, int total)
    {
        int start = 0;
        foreach ((int first, int length) in named)
        {
            yield return (start, first - start);
            start = first + length;
        }
        yield return (start, total - start);
    }
}
