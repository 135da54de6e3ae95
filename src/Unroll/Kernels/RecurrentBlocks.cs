namespace Unroll.Kernels;

/// <summary>Some panels of units by some rows of the batch, and where the thread's next block begins: after the last of a
/// step, the first again.</summary>
internal readonly record struct RecurrentBlock(int FirstPanel, int EndPanel, int FirstRow, int EndRow, int NextPanel)
{
    /// <summary>The block's rows of a plane whose step begins at a row.</summary>
    public Matrix Rows(Matrix plane, int stepRow) => plane.Slice(stepRow + FirstRow, EndRow - FirstRow);
}

/// <summary>A thread's part of a step's work in blocks: the units of a few panels, small enough that results are still cached
/// for the formula, large enough that one gate's operands stay cached across panels. For a single row it is all the thread's
/// panels, which a product then reads side by side. Rows are split only where the panels alone do not divide among the
/// members of the group.</summary>
internal readonly struct RecurrentBlocks
{
    private const int BlockUnits = 64;

    private readonly int batch, rowParts, first, last;

    /// <param name="units">H.</param>
    /// <param name="batch">Rows of the group.</param>
    /// <param name="members">Threads of the group.</param>
    /// <param name="member">Which of them.</param>
    public RecurrentBlocks(int units, int batch, int members, int member)
    {
        int panels = (units + PackedMatrix.PanelWidth - 1) / PackedMatrix.PanelWidth;
        this.batch = batch;
        rowParts = batch == 1 || panels % members == 0 || panels >= 8 * members ? 1 : Math.Min(members, batch);
        (first, last) = Share.Of(panels * rowParts, members, member);
        int together = batch == 1 ? panels : rowParts > 1 ? 1 : BlockUnits / PackedMatrix.PanelWidth;
        Count = (last - first + together - 1) / together;
    }

    /// <summary>The number of blocks.</summary>
    public int Count { get; }

    public RecurrentBlock this[int number]
    {
        get
        {
            (int start, int end) = Share.Of(last - first, Count, number);
            (start, end) = (first + start, first + end);
            int next = number + 1 < Count ? end : first;
            if (rowParts == 1)
                return new RecurrentBlock(start, end, 0, batch, next);
            // Pieces lie panel by panel, and within a panel part of the rows by part.
            (int firstRow, int endRow) = Share.Of(batch, rowParts, start % rowParts);
            return new RecurrentBlock(start / rowParts, start / rowParts + 1, firstRow, endRow, next / rowParts);
        }
    }
}
