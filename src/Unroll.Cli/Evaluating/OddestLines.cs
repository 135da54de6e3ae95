namespace Unroll.Cli.Evaluating;

/// <summary>The oddest of many lines: of equals the first.</summary>
/// <typeparam name="T">What is kept of a line.</typeparam>
/// <param name="most">How many are kept.</param>
internal sealed class OddestLines<T>(int most)
{
    private readonly PriorityQueue<T, (double Oddness, long Place)> kept = new();

    /// <summary>Takes a line, and drops the least odd one where there is no room for it.</summary>
    /// <param name="number">The line's number.</param>
    /// <param name="oddness">Its oddness.</param>
    /// <param name="line">What is kept of it.</param>
    public void Add(long number, double oddness, T line)
    {
        // Of equals those that come later go first.
        (double, long) place = (oddness, -number);
        if (kept.Count < most)
            kept.Enqueue(line, place);
        else
            kept.EnqueueDequeue(line, place);
    }

    /// <summary>The lines, the oddest first.</summary>
    public IReadOnlyList<T> Take()
    {
        var lines = new T[kept.Count];
        for (int i = lines.Length - 1; i >= 0; i--)
            lines[i] = kept.Dequeue();
        return lines;
    }
}
