// The right-hand side of a matrix product, rearranged so that a tile reads it front to back: panels of two vectors'
// columns, each panel's K rows one after another, the last panel filled up with zeros.
namespace Unroll.Kernels;

/// <summary>A packed matrix of states in the order of sums, T or T + 1 steps of each shard, read from one of a shard's rows on:
/// several products read the same states, a step apart.</summary>
/// <param name="Matrix">The states.</param>
/// <param name="Starts">Where each shard's rows begin that are read.</param>
internal readonly record struct PackedRows(PackedMatrix Matrix, int[] Starts)
{
    /// <summary>The first row of a shard.</summary>
    public int First(int shard) => Starts[shard];
}

/// <summary>A [K, N] matrix in panels. The panel's width is the machine's; values do not depend on it.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly AlignedBuffer buffer;
    private readonly float* pointer;

    public PackedMatrix(int rows, int columns)
    {
        (Rows, Columns) = (rows, columns);
        Panels = (columns + PanelWidth - 1) / PanelWidth;
        buffer = new AlignedBuffer((long)Panels * rows * PanelWidth);
        pointer = buffer.View(0, 1, 1, 1).Pointer;
    }

    /// <summary>Columns per panel.</summary>
    public static int PanelWidth => 2 * LaneWidth.Current;

    /// <summary>K.</summary>
    public int Rows { get; private set; }

    /// <summary>N.</summary>
    public int Columns { get; private set; }

    public int Panels { get; private set; }

    /// <summary>Makes it a matrix of another size, which must find room in it and is then to be packed.</summary>
    public void Resize(int rows, int columns)
    {
        int panels = (columns + PanelWidth - 1) / PanelWidth;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)panels * rows * PanelWidth, buffer.Length);
        (Rows, Columns, Panels) = (rows, columns, panels);
        if (ColumnsOf(panels - 1) < PanelWidth)
            new Span<float>(Panel(panels - 1, 0), rows * PanelWidth).Clear();
    }

    /// <summary>The floats of a panel from row k on.</summary>
    public float* Panel(int panel, int k) => pointer + ((nint)panel * Rows + k) * PanelWidth;

    /// <summary>The columns of a panel that are not filling.</summary>
    public int ColumnsOf(int panel) => Math.Min(PanelWidth, Columns - panel * PanelWidth);

    /// <summary>Packs this part's panels of a [K, N] matrix.</summary>
    public void Pack(Matrix source, int part, int parts) => Pack(source, [], part, parts);

    /// <summary>Packs this part's panels of K rows of a matrix.</summary>
    /// <param name="source">[·, N].</param>
    /// <param name="order">Which rows, in this order; none: as they lie.</param>
    public void Pack(Matrix source, ReadOnlySpan<int> order, int part, int parts)
    {
        (int start, int end) = Share.Of(Panels, parts, part);
        for (int panel = start; panel < end; panel++)
        {
            int columns = ColumnsOf(panel);
            for (int k = 0; k < Rows; k++)
                new ReadOnlySpan<float>(source.Row(order.IsEmpty ? k : order[k]) + panel * PanelWidth, columns).CopyTo(new Span<float>(Panel(panel, k), columns));
        }
    }

    /// <summary>Packs this part's panels of the transpose of an [N, K] matrix.</summary>
    public void PackTransposed(Matrix source, int part, int parts)
    {
        (int start, int end) = Share.Of(Panels, parts, part);
        for (int panel = start; panel < end; panel++)
            Transpose.Into(Panel(panel, 0), PanelWidth, source.Slice(panel * PanelWidth, ColumnsOf(panel)));
    }

    public void Dispose() => buffer.Dispose();
}
