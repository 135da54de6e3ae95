// A few threads that run one piece of work together and meet at barriers inside it. They spin for a moment, because
// the next step of a recurrence is microseconds away, and then sleep, because another program may need the core.
namespace Unroll.Kernels;

/// <summary>Threads 0 … n−1 of which 0 is the caller.</summary>
internal sealed class ThreadTeam : IDisposable
{
    /// <summary>More threads than any machine we know has cores: whoever asks for more has mistyped.</summary>
    public const int Most = 1024;

    /// <summary>Integers from one thread's slot to the next: two cache lines, because lines are fetched in pairs.</summary>
    private const int SlotStride = 32;

    /// <summary>How often a thread that has spun in vain gives its core away before it goes to sleep.</summary>
    private const int Yields = 20;

    private readonly Thread[] workers;
    private readonly object gate = new();
    private readonly int spins;
    // How many barriers each thread has reached. Each writes its own slot only, so that arriving costs the others one
    // transfer of a cache line; a counter for all would cost two, one to count and one to announce the last.
    private readonly int[] reached;
    private Action<int>? work;
    private int sleepers;
    private bool stopping;

    public ThreadTeam(int count)
    {
        Count = count;
        // Spinning beside more threads than cores would only delay the thread that is waited for.
        spins = count <= Environment.ProcessorCount ? 4_000 : 50;
        reached = new int[(count + 1) * SlotStride];
        workers = new Thread[count - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int index = i + 1;
            workers[i] = new Thread(() => WorkUntilStopped(index)) { IsBackground = true, Name = $"Unroll {index}" };
            workers[i].Start();
        }
    }

    public int Count { get; }

    /// <summary>Runs the work on every thread, with the thread's number, and returns when all are done.</summary>
    public void Run(Action<int> work)
    {
        if (Count == 1)
        {
            work(0);
            return;
        }
        this.work = work;
        Meet(0);
        work(0);
        Meet(0);
    }

    /// <summary>Waits until every thread of the team is here. What one wrote before, all may read after.</summary>
    /// <param name="thread">The number of the thread that calls.</param>
    public void Meet(int thread)
    {
        if (Count == 1)
            return;
        ref int mine = ref Slot(thread);
        int barrier = mine + 1;
        // A full fence: whoever is last must see the sleepers, and whoever goes to sleep must see the last.
        Interlocked.Exchange(ref mine, barrier);
        if (AllReached(barrier))
        {
            if (Volatile.Read(ref sleepers) > 0)
                lock (gate)
                    Monitor.PulseAll(gate);
            return;
        }
        for (int wait = 0; wait < spins + Yields; wait++)
        {
            if (wait < spins)
                Thread.SpinWait(1);
            else
                Thread.Yield();
            if (AllReached(barrier))
                return;
        }
        lock (gate)
        {
            Interlocked.Increment(ref sleepers);
            while (!AllReached(barrier))
                Monitor.Wait(gate);
            Interlocked.Decrement(ref sleepers);
        }
    }

    public void Dispose()
    {
        if (stopping)
            return;
        stopping = true;
        if (Count > 1)
            Meet(0);
        foreach (Thread worker in workers)
            worker.Join();
    }

    private void WorkUntilStopped(int index)
    {
        while (true)
        {
            Meet(index);
            if (stopping)
                return;
            work!(index);
            Meet(index);
        }
    }

    // The array's own header shares a line with the first elements, so the slots begin after them.
    private ref int Slot(int thread) => ref reached[(thread + 1) * SlotStride];

    // Differences, because a count may go round; a thread may be one barrier ahead.
    private bool AllReached(int barrier)
    {
        for (int thread = 0; thread < Count; thread++)
            if (Volatile.Read(ref Slot(thread)) - barrier < 0)
                return false;
        return true;
    }
}
