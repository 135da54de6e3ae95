// Sums over ranks, in the order in which one machine would have made them. Each rank brings a subtree (S/P neighbouring shards, added
// up); what is left are the log₂ P upper levels of the same balanced binary tree:
//     ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))        for eight ranks.
// Here neighbours at distance 1, 2, 4 … swap halves of a row and add: recursive halving, then doubling. Its partners are the tree's, and
// of thousands of ranks each sends 2·log₂ P messages. Fewer ranks send slices, while they compute: OverlappedSums, with the same bits.
using System.Runtime.InteropServices;
using Unroll.Kernels;

namespace Unroll.Ranks;

/// <summary>Adds what ranks have, element by element.</summary>
/// <param name="ranks">The ranks.</param>
internal sealed class RankSums(RankGroup ranks)
{
    private readonly int[] lengths = [.. Enumerable.Repeat(sizeof(double), ranks.Count)];
    private readonly double[] each = new double[ranks.Count];
    private float[] received = [];

    /// <summary>The sum of a number over all ranks.</summary>
    public double Add(double value)
    {
        ranks.Gather(Bytes(new ReadOnlySpan<double>(ref value)), MemoryMarshal.AsBytes(each.AsSpan()), lengths);
        for (int distance = 1; distance < each.Length; distance *= 2)
            for (int rank = 0; rank < each.Length; rank += 2 * distance)
                each[rank] += each[rank + distance];
        return each[0];
    }

    /// <summary>Replaces values by their sums over all ranks.</summary>
    /// <param name="values">As many on every rank, in fewer than 2^31 bytes.</param>
    public void Add(Span<float> values)
    {
        int first = 0, end = values.Length;
        for (int distance = 1; distance < ranks.Count; distance *= 2)
        {
            bool isLower = (ranks.Rank & distance) == 0;
            int middle = first + (end - first) / 2;
            Span<float> lower = values[first..middle], upper = values[middle..end];
            Span<float> kept = isLower ? lower : upper, given = isLower ? upper : lower, came = Room(kept.Length);
            ranks.Swap(ranks.Rank ^ distance, MemoryMarshal.AsBytes(given), MemoryMarshal.AsBytes(came));
            RowOperations.Add(came, kept);
            (first, end) = isLower ? (first, middle) : (middle, end);
        }
        GiveBack(values, distance: 1);
    }

    // From the whole row down to this rank's slice, as it was halved, and back: on the way back each swap fills in the other half.
    private void GiveBack(Span<float> values, int distance)
    {
        if (distance == ranks.Count)
            return;
        bool isLower = (ranks.Rank & distance) == 0;
        int middle = values.Length / 2;
        Span<float> lower = values[..middle], upper = values[middle..];
        GiveBack(isLower ? lower : upper, distance * 2);
        ranks.Swap(ranks.Rank ^ distance, MemoryMarshal.AsBytes(isLower ? lower : upper), MemoryMarshal.AsBytes(isLower ? upper : lower));
    }

    private Span<float> Room(int length)
    {
        if (received.Length < length)
            received = GC.AllocateUninitializedArray<float>(length, pinned: true);
        return received.AsSpan(0, length);
    }

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<double> values) => MemoryMarshal.AsBytes(values);
}
