// Sums over ranks that are made while a rank still computes what is to be added. Gradients become whole one after another: a piece that
// is, is sent off, and the threads go on with the next. The caller's thread looks after the messages between two of its own steps:
//     computed:   step 0 | step 1 | step 2 | …
//     piece 0:            exchange … add, gather …
//     piece 1:                     exchange … add, gather …
// Every rank gets all ranks' values of its slice of a piece, adds them by the tree (see RankSums), and gives the sums to all. Exchanges
// begin in the pieces' order and so do gathers, on every rank; between the two each rank goes as its messages come. No element's tree
// asks which piece it was sent in, nor in which slice. Beyond 64 ranks, where so many small messages would cost more than their bytes,
// pieces are added by halves when all are whole.
using System.Runtime.InteropServices;
using Unroll.Kernels;

namespace Unroll.Ranks;

/// <summary>Adds what ranks have, piece by piece, beside the threads that compute it.</summary>
internal sealed class OverlappedSums
{
    private const int Line = 16; // ints of a cache line

    private readonly RankGroup ranks;
    private readonly RankSums halves; // the other way
    private readonly bool slices; // whether this one is taken
    private readonly int threads;
    private readonly int most; // elements of a piece
    private readonly int[] arrived; // threads that have made a step
    private readonly int[] stepOf; // which step a thread makes
    private readonly List<Piece> room = [];
    private int expected; // pieces of this minibatch, in the order in which they become whole
    private int exchanged; // those whose exchange has begun
    private int gathered; // those whose gather has, too
    private int finished;
    private float[] received = [];

    /// <param name="ranks">The ranks.</param>
    /// <param name="halves">Adds by halves.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="steps">Steps that each of them makes.</param>
    /// <param name="mostSliced">Up to how many ranks slices are sent.</param>
    /// <param name="most">Elements that are added at a time: so many take fewer bytes than a message may have.</param>
    public OverlappedSums(RankGroup ranks, RankSums halves, int threads, int steps, int mostSliced = 64, int most = 1 << 24)
    {
        (this.ranks, this.halves, this.threads, this.most, slices) = (ranks, halves, threads, most, ranks.Count <= mostSliced);
        (arrived, stepOf) = (new int[steps], new int[threads * Line]);
        GoOn = LookAfterMessages;
    }

    /// <summary>Looks after the messages without waiting for any; the caller's thread does, now and then.</summary>
    public Action GoOn { get; }

    /// <summary>Elements that are worth being sent by themselves.</summary>
    public long Least => slices ? (long)ranks.Count * ranks.LeastSlice : long.MaxValue;

    /// <summary>Takes up a minibatch; one thread does, before the others compute.</summary>
    public void Begin()
    {
        (expected, exchanged, gathered, finished) = (0, 0, 0, 0);
        Array.Clear(arrived);
        Array.Clear(stepOf);
    }

    /// <summary>Adds rows to what this minibatch's sums are of.</summary>
    /// <param name="step">The step after which they are whole on this rank; not before that of earlier ones.</param>
    /// <param name="values">The values, as many on every rank; replaced by their sums over all ranks. Whole rows are sent.</param>
    public void Expect(int step, Matrix values)
    {
        int rows = Math.Max(1, most / values.Stride);
        for (int row = 0; row < values.Rows; row += rows)
            ExpectPiece(step, values.Slice(row, Math.Min(rows, values.Rows - row)));
    }

    private void ExpectPiece(int step, Matrix values)
    {
        if (expected == room.Count)
            room.Add(new Piece(ranks.Count));
        Piece piece = room[expected];
        (piece.Step, piece.Values) = (step, values);
        Slice(values.Storage.Length, piece.Lengths);
        Array.Fill(piece.Own, piece.Lengths[ranks.Rank]);
        piece.First = expected == 0 ? 0 : room[expected - 1].End;
        piece.End = piece.First + ranks.Count * piece.Own[0] / sizeof(float);
        expected++;
    }

    /// <summary>A thread has made its part of a step. The caller's thread, number 0, also looks after the messages.</summary>
    /// <param name="thread">Its number.</param>
    public void Ready(int thread)
    {
        Interlocked.Increment(ref arrived[stepOf[thread * Line]++]);
        if (thread == 0)
            GoOn();
    }

    /// <summary>Waits until all pieces are sums; the caller's thread does, when it has made all steps.</summary>
    public void Finish()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref arrived[^1]) < threads)
        {
            GoOn();
            wait.SpinOnce(sleep1Threshold: -1);
        }
        if (!slices)
        {
            foreach (Piece piece in CollectionsMarshal.AsSpan(room)[..expected])
                halves.Add(piece.Values.Storage);
            return;
        }
        GoOn();
        for (; gathered < expected; GoOn())
            room[gathered].Request!.Wait();
        for (; finished < expected; finished++)
            room[finished].Request!.Wait();
    }

    private void LookAfterMessages()
    {
        if (!slices)
            return;
        while (exchanged < expected && Volatile.Read(ref arrived[room[exchanged].Step]) == threads)
            Exchange();
        while (gathered < exchanged && room[gathered].Request!.Test())
            Gather();
        while (finished < gathered && room[finished].Request!.Test())
            finished++;
    }

    private void Exchange()
    {
        // Before the first, nothing is under way to the old place. How much comes differs a little where rows are touched one by one.
        if (exchanged == 0 && received.Length < room[expected - 1].End)
            received = GC.AllocateUninitializedArray<float>(checked((int)(room[expected - 1].End * 9L / 8)), pinned: true);
        Piece piece = room[exchanged++];
        piece.Request = ranks.BeginExchange(MemoryMarshal.AsBytes(piece.Values.Storage), piece.Lengths, MemoryMarshal.AsBytes(ReceivedBy(piece)), piece.Own);
    }

    private void Gather()
    {
        Piece piece = room[gathered++];
        Span<float> own = AddSlices(ReceivedBy(piece), ranks.Count);
        piece.Request = ranks.BeginGather(MemoryMarshal.AsBytes(own), MemoryMarshal.AsBytes(piece.Values.Storage), piece.Lengths);
    }

    private Span<float> ReceivedBy(Piece piece) => received.AsSpan(piece.First, piece.End - piece.First);

    // The bytes of every rank's slice of a row.
    private static void Slice(int total, Span<int> lengths)
    {
        for (int rank = 0; rank < lengths.Length; rank++)
        {
            (int start, int end) = Share.OfColumns(total, lengths.Length, rank);
            lengths[rank] = (end - start) * sizeof(float);
        }
    }

    // All ranks' values of a slice, rank after rank, by the tree; the sums take the first one's place.
    private static Span<float> AddSlices(Span<float> parts, int count)
    {
        int length = parts.Length / count;
        for (int distance = 1; distance < count; distance *= 2)
            for (int rank = 0; rank < count; rank += 2 * distance)
                RowOperations.Add(parts.Slice((rank + distance) * length, length), parts.Slice(rank * length, length));
        return parts[..length];
    }

    private sealed class Piece(int count)
    {
        public int Step { get; set; }

        public Matrix Values { get; set; }

        public int[] Lengths { get; } = new int[count]; // of the slices, in bytes

        public int[] Own { get; } = new int[count]; // this rank's, as often as there are ranks

        public int First { get; set; } // where its slices are received

        public int End { get; set; }

        public RankRequest? Request { get; set; } // the exchange, then the gather
    }
}
