// A few threads that run one piece of work together and meet at barriers inside it. They spin for a moment, because
// the next step of a recurrence is microseconds away, and then sleep, because another program may need the core.
namespace Unroll.Kernels;

/// <summary>Threads 0 … n−1 of which 0 is the caller.</summary>
internal sealed class ThreadTeam : IDisposable
{
    private readonly Thread[] workers;
    private readonly object gate = new();
    private readonly int spins;
    private Action<int>? work;
    private int arrived;
    private int generation;
    private int sleepers;
    private bool stopping;

    public ThreadTeam(int count)
    {
        Count = count;
        // Spinning beside more threads than cores would only delay the thread that is waited for.
        spins = count <= Environment.ProcessorCount ? 4_000 : 50;
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
        Meet();
        work(0);
        Meet();
    }

    /// <summary>Waits until every thread of the team is here. What one wrote before, all may read after.</summary>
    public void Meet()
    {
        if (Count == 1)
            return;
        int seen = Volatile.Read(ref generation);
        if (Interlocked.Increment(ref arrived) == Count)
        {
            Volatile.Write(ref arrived, 0);
            Interlocked.Increment(ref generation);
            if (Volatile.Read(ref sleepers) > 0)
                lock (gate)
                    Monitor.PulseAll(gate);
            return;
        }
        for (int spin = 0; spin < spins; spin++)
        {
            if (Volatile.Read(ref generation) != seen)
                return;
            Thread.SpinWait(1);
        }
        for (int yield = 0; yield < 20; yield++)
        {
            if (Volatile.Read(ref generation) != seen)
                return;
            Thread.Yield();
        }
        lock (gate)
        {
            Interlocked.Increment(ref sleepers);
            while (Volatile.Read(ref generation) == seen)
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
            Meet();
        foreach (Thread worker in workers)
            worker.Join();
    }

    private void WorkUntilStopped(int index)
    {
        while (true)
        {
            Meet();
            if (stopping)
                return;
            work!(index);
            Meet();
        }
    }
}
