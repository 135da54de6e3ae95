// How a table of vectors by n-gram learns. A minibatch touches few of its rows, so their gradients stand in a matrix of their own,
// a slot for each touched row, in the order in which the minibatch reads them: a fixed order of rows and positions, so neither
// threads nor shards nor ranks change a sum. They do not count for the norm that gradients are clipped by.
using System.Runtime.InteropServices;
using Unroll.Kernels;
using Unroll.Ranks;

namespace Unroll.Model;

/// <summary>The gradients of a table's touched rows, and their updates.</summary>
internal sealed class NgramGradients : IDisposable
{
    private const double Beta = 0.999;

    private readonly List<IDisposable> owned = [];
    private readonly NgramTable table;
    private readonly SumOrder order;
    private readonly RankGroup? ranks;
    private readonly int[] counts; // [P] bytes of each rank's positions in all orders
    private readonly int[] own, all; // [orders, T·rows] the rows that are read, in the order of sums: here, and rank after rank
    private readonly int[] slotOf; // by row; negative for one that the minibatch does not touch
    private readonly Touched[] touched; // by order
    private readonly float[] squares; // [rows + 2]: of every row; and the running mean of touched rows' squares, with the weight it has so far
    private double scale;
    private double prior;

    /// <param name="table">The table.</param>
    /// <param name="order">The order of sums over a minibatch.</param>
    /// <param name="share">Which rows of the minibatch are summed here.</param>
    /// <param name="engine">Its steps, and the ranks that have the other rows.</param>
    /// <param name="dropout">Its dropout, or null.</param>
    public NgramGradients(NgramTable table, SumOrder order, BatchShare share, EngineOptions engine, NgramDropout? dropout)
    {
        (this.table, this.order, Dropout) = (table, order, dropout);
        ranks = share.IsWhole ? null : engine.Training!.Ranks;
        counts = [.. Enumerable.Range(0, share.Ranks).Select(rank => sizeof(int) * table.Orders * share.RowsOf(rank) * engine.Steps)];
        int positions = share.Batch * engine.Steps;
        own = new int[table.Orders * order.Rows.Length];
        all = ranks is null ? own : new int[table.Orders * positions];
        slotOf = new int[table.Rows.Rows];
        Array.Fill(slotOf, NgramContexts.None);
        squares = new float[table.Rows.Rows + 2];
        touched = [.. Enumerable.Range(0, table.Orders).Select(_ => new Touched(
            new int[positions], new int[order.Rows.Length], new double[positions], new TokenOrder(order, positions), Matrix.Allocate(positions, table.Rows.Columns, owned)))];
    }

    /// <summary>Which vectors are dropped, or null where none are.</summary>
    public NgramDropout? Dropout { get; }

    /// <summary>What the rule remembers of every row, under the name that files give it.</summary>
    public (string Name, float[] Values) Memory => ($"{table.Name}.squares", squares);

    /// <summary>Sorts the minibatch by touched rows; one thread does.</summary>
    public void Sort()
    {
        int[][] ids = table.Ids(Dropout);
        int positions = order.Rows.Length;
        for (int n = 0; n < touched.Length; n++)
            for (int i = 0; i < positions; i++)
                own[n * positions + i] = ids[n][order.Rows[i]];
        ranks?.Gather(MemoryMarshal.AsBytes(own.AsSpan()), MemoryMarshal.AsBytes(all.AsSpan()), counts);
        for (int n = 0; n < touched.Length; n++)
        {
            Touched mine = touched[n];
            mine.Count = 0;
            for (int rank = 0, start = 0; rank < counts.Length; start += counts[rank++] / sizeof(int))
            {
                int length = counts[rank] / sizeof(int) / touched.Length;
                mine.Meet(all.AsSpan(start + n * length, length), slotOf);
            }
            int count = mine.Count;
            for (int i = 0; i < positions; i++)
                mine.Slots[order.Rows[i]] = own[n * positions + i] is >= 0 and int row ? slotOf[row] : NgramContexts.None;
            mine.Order.Sort(mine.Slots, count);
            foreach (int row in mine.Rows.AsSpan(0, count))
                slotOf[row] = NgramContexts.None;
        }
    }

    /// <summary>Sums gradients over the positions of each touched row.</summary>
    /// <param name="source">[T·B, length]: the gradients of what the vectors were added to.</param>
    public void Compute(Matrix source, Matrix scratch, int part, int parts)
    {
        (int start, int end) = Share.OfColumns(table.Rows.Columns, parts, part);
        foreach (Touched mine in touched)
            Lookup.SumByToken(source, mine.Order, mine.Gradients.Slice(0, mine.Count), start, end, scratch);
    }

    /// <summary>Says what is to be added up over ranks; one thread does.</summary>
    /// <param name="sums">Told of it.</param>
    /// <param name="step">The step in which it is computed.</param>
    public void Expect(OverlappedSums sums, int step)
    {
        foreach (Touched mine in touched)
            if (mine.Count > 0)
                sums.Expect(step, mine.Gradients.Slice(0, mine.Count));
    }

    /// <summary>Squares of the touched rows' gradients; the team has met since they were summed.</summary>
    public void Square(int part, int parts)
    {
        foreach (Touched mine in touched)
        {
            (int start, int end) = Share.Of(mine.Count, parts, part);
            for (int slot = start; slot < end; slot++)
                mine.Squares[slot] = GradientNorm.SumOfSquares(mine.Gradients.RowSpan(slot)) / table.Rows.Columns;
        }
    }

    /// <summary>Prepares an update; one thread does.</summary>
    /// <param name="clip">What gradients are multiplied by.</param>
    public void Prepare(double clip)
    {
        scale = clip * (Dropout?.Scale ?? 1);
        double sum = 0;
        int count = 0;
        foreach (Touched mine in touched)
        {
            foreach (double square in mine.Squares.AsSpan(0, mine.Count))
                sum += square;
            count += mine.Count;
        }
        if (count > 0)
        {
            squares[^2] = (float)(Beta * squares[^2] + (1 - Beta) * (sum * scale * scale / count));
            squares[^1] = (float)(Beta * squares[^1] + (1 - Beta));
        }
        prior = squares[^1] > 0 ? (double)squares[^2] / squares[^1] : 0;
    }

    /// <summary>Moves the touched rows.</summary>
    /// <param name="rate">The learning rate of tables.</param>
    public void Update(double rate, int part, int parts)
    {
        foreach (Touched mine in touched)
        {
            (int start, int end) = Share.Of(mine.Count, parts, part);
            for (int slot = start; slot < end; slot++)
                RowUpdate.Apply(
                    table.Rows.RowSpan(mine.Rows[slot]), mine.Gradients.RowSpan(slot), mine.Squares[slot] * scale * scale, ref squares[mine.Rows[slot]],
                    prior, rate, scale);
        }
    }

    /// <summary>Forgets all that the rule remembers.</summary>
    public void Forget() => Array.Clear(squares);

    /// <summary>The gradient of the whole table, zeros included.</summary>
    public float[] WholeGradient()
    {
        float[] whole = new float[table.Rows.Rows * table.Rows.Columns];
        foreach (Touched mine in touched)
            for (int slot = 0; slot < mine.Count; slot++)
                RowOperations.AddScaled(mine.Gradients.RowSpan(slot), whole.AsSpan(mine.Rows[slot] * table.Rows.Columns, table.Rows.Columns), Dropout?.Scale ?? 1);
        return whole;
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());

    private sealed record Touched(int[] Rows, int[] Slots, double[] Squares, TokenOrder Order, Matrix Gradients)
    {
        public int Count { get; set; }

        // Gives slots to rows that have none.
        public void Meet(ReadOnlySpan<int> rows, int[] slotOf)
        {
            foreach (int row in rows)
            {
                if (row < 0 || slotOf[row] >= 0)
                    continue;
                slotOf[row] = Count;
                Rows[Count++] = row;
            }
        }
    }
}
