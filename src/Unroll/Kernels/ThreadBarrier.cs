// Where the threads of a team, or of a group of it, wait for one another. In ⌈log₂ n⌉ rounds everybody hears of everybody
// (Hensgen, Finkel and Manber 1988): in round r a thread signals the one 2ʳ places on and waits for the one 2ʳ places back.
// For two threads that is one transfer of a cache line each way, the least there is; for many no line is fought over.
// Waiting is spinning for a moment, because the next step of a recurrence is microseconds away, and then sleeping, because
// another program may need the core.
namespace Unroll.Kernels;

/// <summary>A meeting point of threads 0 … n−1.</summary>
internal sealed class ThreadBarrier
{
    /// <summary>Integers from one signal to the next: two cache lines, because lines are fetched in pairs.</summary>
    private const int Stride = 32;

    private readonly object gate = new();
    private readonly int count;
    private readonly int rounds;
    private readonly int spins; // before it sleeps
    private readonly int turn; // spins after which it offers its core
    private readonly int[] signals; // [thread][round]: the last meeting whose signal has arrived there
    private readonly int[] meetings; // [thread]: meetings it has come to
    private int sleepers;
    private volatile bool broken;

    /// <param name="count">n.</param>
    /// <param name="threads">Threads that run at the same time in all: more than there are cores should not spin for long.</param>
    public ThreadBarrier(int count, int threads)
    {
        this.count = count;
        rounds = count == 1 ? 0 : 32 - int.LeadingZeroCount(count - 1);
        (spins, turn) = threads <= Environment.ProcessorCount ? (4_000, 200) : (100, 5);
        // An array's own header shares a line with its first elements, so both begin one stride in.
        signals = new int[(count * Math.Max(1, rounds) + 1) * Stride];
        meetings = new int[(count + 1) * Stride];
    }

    /// <summary>Waits until every thread is here. What one wrote before, all may read after.</summary>
    /// <param name="thread">The number of the thread that calls.</param>
    /// <exception cref="BrokenBarrierException">Another thread has failed and will not come.</exception>
    public void Wait(int thread)
    {
        if (rounds == 0)
            return;
        int meeting = ++meetings[(thread + 1) * Stride];
        for (int round = 0, distance = 1; round < rounds; round++, distance *= 2)
        {
            int partner = thread + distance < count ? thread + distance : thread + distance - count;
            // A full fence: whoever signals must see the sleepers, and whoever goes to sleep must see the signal.
            Interlocked.Exchange(ref Signal(partner, round), meeting);
            if (Volatile.Read(ref sleepers) > 0)
                lock (gate)
                    Monitor.PulseAll(gate);
            Await(ref Signal(thread, round), meeting);
        }
    }

    /// <summary>Sends everybody away who waits here or comes.</summary>
    public void Break()
    {
        broken = true;
        lock (gate)
            Monitor.PulseAll(gate);
    }

    /// <summary>Makes a broken barrier whole again; nobody may be at it.</summary>
    public void Mend()
    {
        Array.Clear(signals);
        Array.Clear(meetings);
        broken = false;
    }

    private void Await(ref int signal, int meeting)
    {
        for (int wait = 1; wait <= spins; wait++)
        {
            if (HasCome(ref signal, meeting))
                return;
            // Threads that were woken up may stand on one core, where the one that is waited for cannot run until this one lets it.
            if (wait % turn == 0)
                Thread.Yield();
            else
                Thread.SpinWait(1);
        }
        lock (gate)
        {
            Interlocked.Increment(ref sleepers);
            try
            {
                while (!HasCome(ref signal, meeting))
                    Monitor.Wait(gate);
            }
            finally
            {
                Interlocked.Decrement(ref sleepers);
            }
        }
    }

    // Differences, because a count may go round; the partner may be one meeting ahead.
    private bool HasCome(ref int signal, int meeting)
    {
        if (Volatile.Read(ref signal) - meeting >= 0)
            return true;
        return broken ? throw new BrokenBarrierException() : false;
    }

    private ref int Signal(int thread, int round) => ref signals[(thread * rounds + round + 1) * Stride];
}

/// <summary>Another thread of the team has failed: this one's share is void. <see cref="ThreadTeam.Run"/> throws the other's exception.</summary>
internal sealed class BrokenBarrierException() : Exception("Another thread of the team has failed.");
