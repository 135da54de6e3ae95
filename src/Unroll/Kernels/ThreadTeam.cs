// A few threads that run one piece of work together and meet inside it. An exception in any share ends the piece of work
// for all and surfaces at the caller; the team is as good as new afterwards. A team that nobody holds any more ends too:
// its threads know only the crew, never the team or the work between two runs.
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Unroll.Kernels;

/// <summary>Threads 0 … n−1 of which 0 is the caller.</summary>
internal sealed class ThreadTeam : IDisposable
{
    /// <summary>More threads than any machine we know has cores: whoever asks for more has mistyped.</summary>
    public const int Most = 1024;

    private readonly Crew crew;
    private readonly ThreadBarrier all;

    /// <summary>Refuses a number of threads that nobody can mean; 0 leaves it to the engine.</summary>
    public static void CheckAskedFor(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, Most);
    }

    public ThreadTeam(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        crew = new Crew(count);
        all = Barrier(count);
        crew.Start();
    }

    ~ThreadTeam() => crew.Stop();

    public int Count => crew.Count;

    /// <summary>Threads 1 … n−1.</summary>
    public IReadOnlyList<Thread> Workers => crew.Workers;

    /// <summary>A barrier for some of the threads, for use inside <see cref="Run"/>; a failure in any share breaks it.</summary>
    public ThreadBarrier Barrier(int count)
    {
        var barrier = new ThreadBarrier(count, crew.Count);
        crew.Barriers.Add(barrier);
        return barrier;
    }

    /// <summary>Runs the work on every thread, with the thread's number, and returns when all are done.</summary>
    /// <exception cref="ObjectDisposedException">The team is gone.</exception>
    /// <exception cref="Exception">What the first share that failed has thrown.</exception>
    public void Run(Action<int> work)
    {
        ObjectDisposedException.ThrowIf(crew.Stopping, this);
        crew.Run(work);
        GC.KeepAlive(this);
    }

    /// <summary>Waits, inside <see cref="Run"/>, until every thread of the team is here. What one wrote before, all may read after.</summary>
    /// <param name="thread">The number of the thread that calls.</param>
    public void Meet(int thread) => all.Wait(thread);

    public void Dispose()
    {
        crew.Stop();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the threads hold on to.</summary>
    private sealed class Crew(int count)
    {
        private readonly ThreadBarrier edge = new(count, count); // where a run begins and ends; never broken
        private Action<int>? work;
        private ExceptionDispatchInfo? failure;

        public int Count { get; } = count;

        public List<Thread> Workers { get; } = [];

        public List<ThreadBarrier> Barriers { get; } = [];

        public bool Stopping { get; private set; }

        public void Start()
        {
            for (int thread = 1; thread < Count; thread++)
            {
                int index = thread;
                Workers.Add(new Thread(() => WorkUntilStopped(index)) { IsBackground = true, Name = $"Unroll {index}" });
                Workers[^1].Start();
            }
        }

        public void Run(Action<int> work)
        {
            this.work = work;
            edge.Wait(0);
            RunShare(0);
            edge.Wait(0);
            this.work = null;
            if (failure is not { } first)
                return;
            failure = null;
            Barriers.ForEach(barrier => barrier.Mend());
            first.Throw();
        }

        /// <summary>Lets the threads end; they are on their way out when it returns.</summary>
        public void Stop()
        {
            if (Stopping)
                return;
            Stopping = true;
            edge.Wait(0);
        }

        private void WorkUntilStopped(int index)
        {
            while (true)
            {
                edge.Wait(index);
                if (Stopping)
                    return;
                RunShare(index);
                edge.Wait(index);
            }
        }

        // A frame of its own: a thread that waits must not keep the last work, and all that it refers to, alive.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void RunShare(int thread)
        {
            try
            {
                work!(thread);
            }
            catch (BrokenBarrierException)
            {
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                Barriers.ForEach(barrier => barrier.Break());
            }
        }
    }
}
