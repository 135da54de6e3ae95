// The n-grams that end at each position of a window, and the last tokens of every row, which the next window's n-grams begin in.
namespace Unroll.Model;

/// <summary>Which rows of a model's tables the positions of a window read.</summary>
internal sealed class NgramContexts
{
    /// <summary>Stands for no token, and for no row.</summary>
    public const int None = -1;

    private const int NoEnd = -2; // is no token, and stands for none

    private readonly NgramIndex index;
    private readonly int end; // ends a document; or no token
    private readonly int[] last; // [B, order]: of every row the last tokens, the latest first

    /// <param name="index">The n-grams that have rows.</param>
    /// <param name="order">The highest order.</param>
    /// <param name="end">The token that ends a document, or null.</param>
    /// <param name="rows">B.</param>
    /// <param name="steps">T.</param>
    public NgramContexts(NgramIndex index, int order, int? end, int rows, int steps)
    {
        (this.index, Order, this.end) = (index, order, end ?? NoEnd);
        last = new int[rows * order];
        Array.Fill(last, None);
        Ids = [.. Enumerable.Range(2, order - 1).Select(_ => new int[rows * steps])];
    }

    /// <summary>The highest order; so many tokens of every row are kept.</summary>
    public int Order { get; }

    /// <summary>[order − 2][T·B]: the row of each position, as rows lie in planes, or <see cref="None"/>.</summary>
    public int[][] Ids { get; }

    /// <summary>The last tokens of a row, the latest first, as many as the longest n-gram has; <see cref="None"/> before the first.</summary>
    public Span<int> Last(int row) => last.AsSpan(row * Order, Order);

    /// <summary>Finds the n-grams that end at some positions.</summary>
    /// <param name="tokens">The window's tokens, as rows lie in planes.</param>
    /// <param name="group">The rows of the batch that the positions belong to.</param>
    /// <param name="start">The first position.</param>
    /// <param name="end">Where they end.</param>
    public void Find(ReadOnlySpan<int> tokens, RowGroup group, int start, int end)
    {
        Span<int> recent = stackalloc int[Order];
        for (int position = start; position < end; position++)
        {
            (int step, int row) = Math.DivRem(position - group.Base, group.Rows);
            ReadOnlySpan<int> before = Last(group.FirstRow + row);
            for (int back = 0; back < Order; back++)
                recent[back] = back <= step ? tokens[position - back * group.Rows] : before[back - step - 1];
            Find(recent, position);
        }
    }

    /// <summary>Finds the n-grams that the first rows have read last, for positions of the same numbers.</summary>
    public void FindLast(int rows)
    {
        for (int row = 0; row < rows; row++)
            Find(Last(row), row);
    }

    /// <summary>Makes the last tokens of a call those that the next one begins with, in some rows of a group.</summary>
    /// <param name="tokens">The call's tokens, as rows lie in planes.</param>
    /// <param name="start">The first of the group's rows.</param>
    /// <param name="end">Where they end.</param>
    public void Advance(ReadOnlySpan<int> tokens, Window window, RowGroup group, int start, int end)
    {
        int kept = Math.Max(0, Order - window.Steps);
        for (int row = start; row < end; row++)
        {
            Span<int> last = Last(group.FirstRow + row);
            last[..kept].CopyTo(last[(Order - kept)..]);
            for (int back = 0; back < Order - kept; back++)
                last[back] = tokens[group.Base + (window.Steps - 1 - back) * group.Rows + row];
        }
    }

    // An empty row has read nothing: then not even its last token is one. No n-gram reaches back beyond a document's beginning.
    private void Find(ReadOnlySpan<int> recent, int position)
    {
        int context = ~recent[0], found = 0;
        while (recent[0] != None && found < Ids.Length && recent[found] != end && recent[found + 1] != None
            && (context = index.Find(context, recent[found + 1])) >= 0)
            Ids[found++][position] = context;
        while (found < Ids.Length)
            Ids[found++][position] = None;
    }
}
