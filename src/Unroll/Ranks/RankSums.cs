// Sums over ranks, in the order in which one machine would have made them. Each rank brings a subtree (S/P neighbouring shards, added
// up); what is left are the log₂ P upper levels of the same balanced binary tree:
//     ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))        for eight ranks.
// Up to 64 ranks, every rank gets all subtrees' values of its slice of the row, adds them by the tree, and gives the sums to all: two
// calls. Beyond, where so many small messages would cost more than their bytes, neighbours at distance 1, 2, 4 … swap halves and add:
// recursive halving, then doubling. Its partners are the tree's, so both ways give the same bits.
using System.Runtime.InteropServices;
using Unroll.Kernels;

namespace Unroll.Ranks;

/// <summary>Adds what ranks have, element by element.</summary>
/// <param name="ranks">The ranks.</param>
/// <param name="mostSliced">Up to how many of them the first way is taken.</param>
/// <param name="piece">Elements that are added at a time: so many take fewer bytes than a message may have.</param>
internal sealed class RankSums(RankGroup ranks, int mostSliced = 64, int piece = 1 << 24)
{
    private readonly int[] lengths = new int[ranks.Count]; // of the slices, in bytes
    private readonly int[] own = new int[ranks.Count];
    private readonly double[] each = new double[ranks.Count];
    private float[] received = [];

    /// <summary>Whether every rank adds a slice of the row: see above.</summary>
    public bool AreSliced => ranks.Count <= mostSliced;

    /// <summary>Elements that are added at a time.</summary>
    public int Most => piece;

    /// <summary>Replaces values by their sums over all ranks.</summary>
    /// <param name="values">As many on every rank.</param>
    public void Add(Span<float> values)
    {
        for (int start = 0; start < values.Length; start += piece)
        {
            Span<float> some = values.Slice(start, Math.Min(piece, values.Length - start));
            if (AreSliced)
                AddSlices(some);
            else
                AddHalves(some);
        }
    }

    /// <summary>The sum of a number over all ranks.</summary>
    public double Add(double value)
    {
        Array.Fill(lengths, sizeof(double));
        ranks.Gather(Bytes(new ReadOnlySpan<double>(ref value)), MemoryMarshal.AsBytes(each.AsSpan()), lengths);
        for (int distance = 1; distance < each.Length; distance *= 2)
            for (int rank = 0; rank < each.Length; rank += 2 * distance)
                each[rank] += each[rank + distance];
        return each[0];
    }

    /// <summary>The bytes of every rank's slice of a row.</summary>
    /// <param name="total">The row's elements.</param>
    /// <param name="lengths">[P] the bytes.</param>
    public static void Slice(int total, Span<int> lengths)
    {
        for (int rank = 0; rank < lengths.Length; rank++)
        {
            (int start, int end) = Share.OfColumns(total, lengths.Length, rank);
            lengths[rank] = (end - start) * sizeof(float);
        }
    }

    /// <summary>Adds all ranks' values of a slice by the tree.</summary>
    /// <param name="parts">The values, rank after rank; the sums take the first one's place.</param>
    /// <param name="count">P.</param>
    /// <returns>The sums.</returns>
    public static Span<float> AddSlices(Span<float> parts, int count)
    {
        int length = parts.Length / count;
        for (int distance = 1; distance < count; distance *= 2)
            for (int rank = 0; rank < count; rank += 2 * distance)
                RowOperations.Add(parts.Slice((rank + distance) * length, length), parts.Slice(rank * length, length));
        return parts[..length];
    }

    private void AddSlices(Span<float> values)
    {
        Slice(values.Length, lengths);
        Array.Fill(own, lengths[ranks.Rank]);
        Span<float> parts = Room(ranks.Count * lengths[ranks.Rank] / sizeof(float));
        ranks.Exchange(MemoryMarshal.AsBytes(values), lengths, MemoryMarshal.AsBytes(parts), own);
        ranks.Gather(MemoryMarshal.AsBytes(AddSlices(parts, ranks.Count)), MemoryMarshal.AsBytes(values), lengths);
    }

    private void AddHalves(Span<float> values)
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
