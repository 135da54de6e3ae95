namespace Unroll.Cli.Evaluating;

/// <summary>The oddest of many lines: of equals the first.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class OddestLines(int most)
{
    private readonly PriorityQueue<LineScore, (double Oddness, long Place)> kept = new();

    /// <summary>Takes a line, and drops the least odd one where there is no room for it.</summary>
    public void Add(LineScore line)
    {
        // Of equals those that come later go first.
        (double, long) place = (line.Score.Oddness, -line.Number);
        if (kept.Count < most)
            kept.Enqueue(line, place);
        else
            kept.EnqueueDequeue(line, place);
    }

    /// <summary>The lines, the oddest first.</summary>
    public IReadOnlyList<LineScore> Take()
    {
        var lines = new LineScore[kept.Count];
        for (int i = lines.Length - 1; i >= 0; i--)
            lines[i] = kept.Dequeue();
        return lines;
    }
}
