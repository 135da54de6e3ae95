// Without dropout of their own, vectors of rare n-grams learn the training text by heart.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Dropout of a table's vectors: each position and order keeps its vector, scaled up, or does without.</summary>
/// <param name="table">The number of the table, for draws of its own: 0 or 1.</param>
/// <param name="orders">How many orders, at most as many as one draw has numbers: 4.</param>
/// <param name="share">Which rows.</param>
/// <param name="steps">T.</param>
/// <param name="probability">p.</param>
internal sealed class NgramDropout(int table, int orders, BatchShare share, int steps, double probability)
{
    /// <summary>The highest order whose vectors can be dropped.</summary>
    public const int MostOrders = 4;

    private const int Tables = 2;

    private readonly uint threshold = (uint)(probability * (1UL << 32));

    /// <summary>[order − 2][T·B]: the rows that are read, negative for none.</summary>
    public int[][] Kept { get; } = [.. Enumerable.Range(0, orders).Select(_ => new int[share.Rows * steps])];

    /// <summary>What kept vectors are multiplied by: 1/(1 − p).</summary>
    public float Scale { get; } = (float)(1 / (1 - probability));

    /// <summary>Draws for some positions. Draws are numbered by step and row of the whole batch, t·B + b, whoever makes them.</summary>
    public void Draw(NgramContexts contexts, RowGroup group, int start, int end, RandomStream random)
    {
        for (int position = start; position < end; position++)
        {
            (int step, int row) = Math.DivRem(position - group.Base, group.Rows);
            (uint, uint, uint, uint) draw = random.Block((ulong)((step * (long)share.Batch + share.FirstRow + group.FirstRow + row) * Tables + table));
            ReadOnlySpan<uint> numbers = [draw.Item1, draw.Item2, draw.Item3, draw.Item4];
            for (int order = 0; order < Kept.Length; order++)
                Kept[order][position] = numbers[order] < threshold ? NgramContexts.None : contexts.Ids[order][position];
        }
    }
}
