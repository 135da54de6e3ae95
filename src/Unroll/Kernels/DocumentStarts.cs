// Where a document begins, a row's state is zero, whatever it was. Kernels compute all rows of a step alike; what the rows that begin
// a document must not take part in is put aside before, and put back after: some rows' columns of a block, which belong to one
// thread, so that nobody waits for it.
namespace Unroll.Kernels;

/// <summary>The rows of a window that begin a document.</summary>
/// <param name="planes">The group's rows.</param>
/// <param name="tokens">[steps·B] what they read.</param>
/// <param name="end">The token that ends a document: reading it, a row begins the next.</param>
internal readonly ref struct DocumentStarts(RecurrentPlanes planes, ReadOnlySpan<int> tokens, int end)
{
    /// <summary>Stands for no token.</summary>
    public const int None = -1;

    /// <summary>Planes of B rows that hold what is put aside.</summary>
    public const int Slots = 3;

    private const int FirstSlot = 0, MemorySlot = 1, GradientSlot = 2;

    private readonly ReadOnlySpan<int> tokens = tokens;

    /// <summary>Whether a row of a block begins a document at a step.</summary>
    public bool Any(int step, RecurrentBlock block) =>
        end != None && tokens.Slice(step * planes.Batch + block.FirstRow, block.EndRow - block.FirstRow).Contains(end);

    /// <summary>Puts aside what a product is about to be added to.</summary>
    /// <param name="step">The step at which the rows begin.</param>
    /// <param name="plane">The plane.</param>
    /// <param name="firstRow">Where it has the first row of the batch.</param>
    /// <param name="block">The block.</param>
    public void Keep(int step, Matrix plane, int firstRow, RecurrentBlock block) => Copy(step, plane, firstRow, block, FirstSlot, back: false);

    /// <summary>Puts it back.</summary>
    /// <inheritdoc cref="Keep"/>
    public void PutBack(int step, Matrix plane, int firstRow, RecurrentBlock block) => Copy(step, plane, firstRow, block, FirstSlot, back: true);

    /// <summary>Makes the state before a step zero; puts aside what it was, and the gradient that belongs to it.</summary>
    public void Forget(int step, RecurrentBlock block, bool backward)
    {
        int before = step * planes.Batch;
        Copy(step, planes.Hidden, before, block, FirstSlot, back: false);
        Clear(step, planes.Hidden, before, block);
        if (!planes.Memory.IsEmpty)
        {
            int memory = planes.FirstRow(planes.Memory, step);
            Copy(step, planes.Memory, memory, block, MemorySlot, back: false);
            Clear(step, planes.Memory, memory, block);
        }
        if (backward)
            Copy(step, planes.HiddenGradient, before, block, GradientSlot, back: false);
    }

    /// <summary>Puts everything back: the step before needs it, and gets no gradient from this one.</summary>
    public void Remember(int step, RecurrentBlock block, bool backward)
    {
        int before = step * planes.Batch;
        Copy(step, planes.Hidden, before, block, FirstSlot, back: true);
        // In a plane of one step the memory is by now the one after the step.
        if (planes.Memory.Rows > planes.Batch)
            Copy(step, planes.Memory, planes.FirstRow(planes.Memory, step), block, MemorySlot, back: true);
        if (!backward)
            return;
        Copy(step, planes.HiddenGradient, before, block, GradientSlot, back: true);
        if (!planes.MemoryGradient.IsEmpty)
            Clear(step, planes.MemoryGradient, 0, block);
    }

    private void Copy(int step, Matrix plane, int firstRow, RecurrentBlock block, int slot, bool back)
    {
        for (int row = block.FirstRow; row < block.EndRow; row++)
        {
            if (tokens[step * planes.Batch + row] != end)
                continue;
            Span<float> own = Columns(plane, firstRow + row, block), kept = Columns(planes.Kept, slot * planes.Batch + row, block);
            if (back)
                kept.CopyTo(own);
            else
                own.CopyTo(kept);
        }
    }

    private void Clear(int step, Matrix plane, int firstRow, RecurrentBlock block)
    {
        for (int row = block.FirstRow; row < block.EndRow; row++)
            if (tokens[step * planes.Batch + row] == end)
                Columns(plane, firstRow + row, block).Clear();
    }

    // With the padding, which products write too.
    private static unsafe Span<float> Columns(Matrix plane, int row, RecurrentBlock block) =>
        new(plane.Row(row) + block.FirstPanel * PackedMatrix.PanelWidth, (block.EndPanel - block.FirstPanel) * PackedMatrix.PanelWidth);
}
