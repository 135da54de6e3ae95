// One shape of call: so many rows, so many steps, and how threads divide them. An engine makes one when a shape first occurs and
// keeps it. Rows lie group by group in every plane, and within a group time-major: row (t, b) of a group of n rows from b₀ on is
// at T·b₀ + t·n + (b − b₀), so that what a group reads and writes is its own stretch of memory.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Rows × steps, divided among groups of threads.</summary>
internal sealed class Window
{
    private readonly ThreadGrid grid;

    /// <param name="rows">Rows of the call, b.</param>
    /// <param name="steps">Its steps, t.</param>
    /// <param name="grid">How threads divide the rows.</param>
    /// <param name="threads">The groups of threads of the grid.</param>
    /// <param name="layers">The layers, whose planes the groups look at.</param>
    public Window(int rows, int steps, ThreadGrid grid, ThreadGroup[] threads, RecurrentLayer[] layers)
    {
        (Rows, Steps, this.grid) = (rows, steps, grid);
        Groups = [.. Enumerable.Range(0, grid.Groups).Select(number =>
        {
            (int first, int end) = Share.Of(rows, grid.Groups, number);
            return new RowGroup(first, end - first, steps, threads[number],
                [.. layers.Select(layer => layer.Planes(first, end - first, steps))]);
        })];
    }

    /// <summary>Rows of the call.</summary>
    public int Rows { get; }

    /// <summary>Steps of the call.</summary>
    public int Steps { get; }

    /// <summary>The groups, which divide the rows.</summary>
    public RowGroup[] Groups { get; }

    /// <summary>Threads that have a share; those beyond have none.</summary>
    public int Threads => grid.Threads;

    /// <summary>A thread's group, and which member of it the thread is; null for a thread without a share.</summary>
    public (RowGroup Group, int Member)? Place(int thread) => thread < Threads ? (Groups[thread / grid.Members], thread % grid.Members) : null;

    /// <summary>Lays what comes as [t, b] where rows lie in planes.</summary>
    public void Lay(ReadOnlySpan<int> values, Span<int> planes)
    {
        for (int t = 0; t * Rows < values.Length; t++)
            foreach (RowGroup group in Groups)
                values.Slice(t * Rows + group.FirstRow, group.Rows).CopyTo(planes[(group.Base + t * group.Rows)..]);
    }

    /// <summary>Gathers as [t, b] what lies as rows do in planes.</summary>
    public void Gather(ReadOnlySpan<float> planes, Span<float> values)
    {
        for (int t = 0; t < Steps; t++)
            foreach (RowGroup group in Groups)
                planes.Slice(group.Base + t * group.Rows, group.Rows).CopyTo(values[(t * Rows + group.FirstRow)..]);
    }

    /// <summary>Where row (t, b) lies in planes of all steps.</summary>
    public int RowOf(int step, int row) => RowOf(step, row, Steps);

    /// <summary>Where row (t, b) lies in planes that hold the state before the window too, at t = 0.</summary>
    public int StateRowOf(int step, int row) => RowOf(step, row, Steps + 1);

    private int RowOf(int step, int row, int steps)
    {
        RowGroup group = Groups.First(group => row < group.FirstRow + group.Rows);
        return group.FirstRow * steps + step * group.Rows + row - group.FirstRow;
    }
}

/// <summary>Rows of a call that some threads own.</summary>
internal sealed class RowGroup(int firstRow, int rows, int steps, ThreadGroup threads, RecurrentPlanes[] planes)
{
    /// <summary>The first of its rows.</summary>
    public int FirstRow { get; } = firstRow;

    /// <summary>How many rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Where its stretch begins in planes of all steps.</summary>
    public int Base { get; } = firstRow * steps;

    /// <summary>Its rows over all steps.</summary>
    public int AllRows { get; } = rows * steps;

    /// <summary>The threads.</summary>
    public ThreadGroup Threads { get; } = threads;

    /// <summary>Per layer, the group's rows of its planes.</summary>
    public RecurrentPlanes[] Planes { get; } = planes;

    /// <summary>A member's share of the group's rows over all steps, as they lie in planes.</summary>
    public (int Start, int End) ShareOf(int member)
    {
        (int start, int end) = Share.Of(AllRows, Threads.Members, member);
        return (Base + start, Base + end);
    }

    /// <summary>A stretch of its rows in planes of all steps, step by step.</summary>
    public StepRows Steps(int start, int end) => new(this, start, end);

    /// <summary>The hidden vectors after each step, [T·n, H], of rows of planes.</summary>
    public Matrix Output(int layer, int start, int end) => Planes[layer].Hidden.Slice(start - Base + Rows, end - start);

    /// <summary>Their gradients.</summary>
    public Matrix OutputGradient(int layer, int start, int end) => Planes[layer].HiddenGradient.Slice(start - Base + Rows, end - start);
}

/// <summary>Rows of a group that follow one another in planes of all steps, cut where steps begin. Allocates nothing.</summary>
internal struct StepRows(RowGroup group, int start, int end)
{
    private int next = start;

    /// <summary>The row in planes where the piece begins, its step, its first row of the whole batch, and how many rows it has.</summary>
    public (int Row, int Step, int First, int Count) Current { get; private set; }

    public readonly StepRows GetEnumerator() => this;

    public bool MoveNext()
    {
        if (next == end)
            return false;
        (int step, int offset) = Math.DivRem(next - group.Base, group.Rows);
        int count = Math.Min(end - next, group.Rows - offset);
        Current = (next, step, group.FirstRow + offset, count);
        next += count;
        return true;
    }
}
