using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Unroll.Tests.Ranks;

/// <summary>Ranks that are threads of this process and pass bytes through memory. They make the same calls in the same order, and what
/// is no such call shows.</summary>
internal sealed class SimulatedRanks
{
    private readonly Barrier barrier;
    private readonly byte[][][] mail; // [from][to]
    private readonly string[] calls;
    private readonly ConcurrentDictionary<(string Call, int Number), byte[]?[][]> underWay = new(); // what each rank has sent to each: [from][to]

    private SimulatedRanks(int count) =>
        (barrier, mail, calls) = (new Barrier(count), [.. Enumerable.Range(0, count).Select(_ => new byte[count][])], new string[count]);

    /// <summary>Does a piece of work on every rank at once.</summary>
    /// <param name="count">P.</param>
    /// <param name="work">The work of one.</param>
    /// <exception cref="Exception">What the first rank that failed has thrown.</exception>
    public static void Run(int count, Action<RankGroup> work)
    {
        var ranks = new SimulatedRanks(count);
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try
            {
                work(new One(ranks, rank, count));
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
            finally
            {
                ranks.barrier.RemoveParticipant(); // who still calls must not wait for one that has left
            }
        }) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failure?.Throw();
    }

    private void Deliver(int from, string call, Action<byte[][]> send, Action receive)
    {
        calls[from] = call;
        send(mail[from]);
        barrier.SignalAndWait();
        if (calls[0] is { } first && calls[from].Split(' ')[0] != first.Split(' ')[0])
            throw new InvalidOperationException($"Rank {from} calls {calls[from]}, the first {first}.");
        receive();
        barrier.SignalAndWait();
        mail[from].AsSpan().Clear();
        barrier.SignalAndWait();
    }

    /// <summary>One of them.</summary>
    internal sealed class One(SimulatedRanks all, int rank, int count) : RankGroup
    {
        private readonly Random random = new(rank);
        private int exchanges, gathers;

        public override int Rank => rank;

        public override int Count => count;

        internal override int LeastSlice => 1; // everything that can is sent by itself

        /// <summary>The most bytes that an exchange has had; 0 where there was none.</summary>
        public int LongestExchange { get; private set; }

        public override RankRequest BeginExchange(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts)
        {
            LongestExchange = Math.Max(LongestExchange, send.Length);
            return Begin("exchange", exchanges++, Cut(send, sendCounts), receive, receiveCounts);
        }

        public override RankRequest BeginGather(ReadOnlySpan<byte> piece, Span<byte> whole, ReadOnlySpan<int> counts)
        {
            byte[] own = piece.ToArray();
            return Begin("gather", gathers++, [.. Enumerable.Repeat(own, count)], whole, counts);
        }

        public override void Gather(ReadOnlySpan<byte> piece, Span<byte> whole, ReadOnlySpan<int> counts)
        {
            byte[] own = piece.ToArray();
            byte[][] came = new byte[count][];
            all.Deliver(rank, "Gather", box => box[0] = own, () =>
            {
                for (int from = 0; from < count; from++)
                    came[from] = all.mail[from][0];
            });
            Join(came, whole, counts);
        }

        public override void Broadcast(Span<byte> bytes)
        {
            byte[] own = bytes.ToArray();
            byte[] came = [];
            all.Deliver(rank, $"Broadcast {own.Length}", box => box[0] = own, () => came = all.mail[0][0]);
            if (came.Length != bytes.Length)
                throw new InvalidOperationException($"Rank {rank} expects {bytes.Length} bytes, and the first sends {came.Length}.");
            came.CopyTo(bytes);
        }

        public override void Swap(int partner, ReadOnlySpan<byte> send, Span<byte> receive)
        {
            byte[] own = send.ToArray();
            byte[] came = [];
            all.Deliver(rank, "Swap", box => box[partner] = own, () => came = all.mail[partner][rank]);
            if (came.Length != receive.Length)
                throw new InvalidOperationException($"Rank {rank} expects {receive.Length} bytes, and rank {partner} sends {came.Length}.");
            came.CopyTo(receive);
        }

        private Request Begin(string call, int number, byte[][] pieces, Span<byte> receive, ReadOnlySpan<int> counts)
        {
            byte[]?[][] box = all.underWay.GetOrAdd((call, number), _ => [.. Enumerable.Range(0, count).Select(_ => new byte[]?[count])]);
            for (int to = 0; to < count; to++)
                Volatile.Write(ref box[rank][to], pieces[to]);
            return new Request(this, box, receive, counts.ToArray());
        }

        private static byte[][] Cut(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> counts)
        {
            byte[][] pieces = new byte[counts.Length][];
            for (int i = 0, start = 0; i < counts.Length; start += counts[i++])
                pieces[i] = bytes.Slice(start, counts[i]).ToArray();
            return pieces;
        }

        private static void Join(byte[][] pieces, Span<byte> bytes, ReadOnlySpan<int> counts)
        {
            for (int i = 0, start = 0; i < counts.Length; start += counts[i++])
            {
                if (pieces[i].Length != counts[i])
                    throw new InvalidOperationException($"Rank {i} sends {pieces[i].Length} bytes where {counts[i]} are expected.");
                pieces[i].CopyTo(bytes[start..]);
            }
        }

        // Over when all have sent, but not always noticed at once: ranks see messages come at different times.
        private sealed unsafe class Request(One owner, byte[]?[][] box, Span<byte> receive, int[] counts) : RankRequest
        {
            private readonly void* place = Unsafe.AsPointer(ref receive.GetPinnableReference());
            private readonly int length = receive.Length;
            private bool over;

            private bool HasCome => box.All(from => Volatile.Read(ref from[owner.Rank]) is not null);

            public override bool Test() => over || (owner.random.Next(3) == 0 && HasCome && Take());

            public override void Wait()
            {
                SpinWait.SpinUntil(() => over || HasCome);
                _ = over || Take();
            }

            private bool Take()
            {
                Join([.. box.Select(from => from[owner.Rank]!)], new Span<byte>(place, length), counts);
                return over = true;
            }
        }
    }
}
