// What a run needs of a library of messages when several processes share it. It moves bytes and adds nothing up: sums are made in one
// fixed order, whoever moves their parts (RankSums).
namespace Unroll;

/// <summary>Processes that work on one run together: P ranks, of which this process is one. Every rank makes the same calls in the
/// same order, on one thread.</summary>
public abstract class RankGroup
{
    /// <summary>Which rank this process is, from 0. The first one measures time, writes files and talks to people.</summary>
    public abstract int Rank { get; }

    /// <summary>P; to train together, a power of two.</summary>
    public abstract int Count { get; }

    /// <summary>Floats for one rank below which a message costs more by being one than by its length.</summary>
    internal virtual int LeastSlice => 1 << 14;

    /// <summary>Gives every rank the pieces of all (MPI's Allgatherv).</summary>
    /// <param name="piece">This rank's.</param>
    /// <param name="all">Where they go, rank after rank; fewer than 2^31 bytes.</param>
    /// <param name="counts">[P] the bytes of each.</param>
    public abstract void Gather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts);

    /// <summary>Begins to send every rank a piece and to receive one from each (MPI's Ialltoallv), and returns; it goes on while this rank
    /// computes. What it reads and writes stays where it is until it is over: native memory, or a pinned array. All ranks begin their
    /// exchanges in the same order.</summary>
    /// <param name="send">The pieces, rank after rank; fewer than 2^31 bytes.</param>
    /// <param name="sendCounts">[P] the bytes of each.</param>
    /// <param name="receive">Where pieces go, rank after rank.</param>
    /// <param name="receiveCounts">[P] the bytes of each.</param>
    public abstract RankRequest BeginExchange(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts);

    /// <summary>Begins a <see cref="Gather"/> and returns, like <see cref="BeginExchange"/>. All ranks begin these in the same order; how they
    /// come between exchanges may differ.</summary>
    /// <inheritdoc cref="Gather"/>
    public abstract RankRequest BeginGather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts);

    /// <summary>Gives every rank what the first one has (MPI's Bcast).</summary>
    /// <param name="bytes">Read at the first rank, overwritten at the others; the same length everywhere.</param>
    public abstract void Broadcast(Span<byte> bytes);

    /// <summary>Sends bytes to one rank and receives as many as fit from the same (MPI's Sendrecv); that one does likewise.</summary>
    /// <param name="partner">The other rank.</param>
    /// <param name="send">What it gets.</param>
    /// <param name="receive">Where its bytes go.</param>
    public abstract void Swap(int partner, ReadOnlySpan<byte> send, Span<byte> receive);
}
