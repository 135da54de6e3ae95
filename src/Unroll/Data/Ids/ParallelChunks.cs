namespace Unroll.Data.Ids;

/// <summary>The same work on each chunk of something long: done on several threads, taken in order on the calling one.</summary>
internal static class ParallelChunks
{
    /// <summary>Works through all chunks.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="threads">How many are worked on at a time.</param>
    /// <param name="bufferLength">The bytes of the buffer that a piece of work is lent.</param>
    /// <param name="work">Makes something of a chunk, by its number.</param>
    /// <param name="take">Takes the results, in the order of the chunks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static void Run<T>(int count, int threads, int bufferLength, Func<int, byte[], T> work, Action<int, T> take, CancellationToken cancellationToken)
    {
        // A thread's chunks are chained: each waits for the one before, whose buffer it takes over.
        var lanes = new (byte[] Buffer, Task Last)[Math.Min(threads, count)];
        for (int lane = 0; lane < lanes.Length; lane++)
            lanes[lane] = (GC.AllocateUninitializedArray<byte>(bufferLength), Task.CompletedTask);
        var inFlight = new Queue<Task<T>>(); // oldest first
        int taken = 0;
        try
        {
            for (int chunk = 0; chunk < count; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (inFlight.Count == 2 * lanes.Length)
                    Take();
                (int number, byte[] buffer) = (chunk, lanes[chunk % lanes.Length].Buffer);
                Task<T> next = lanes[chunk % lanes.Length].Last.ContinueWith(_ => work(number, buffer), TaskScheduler.Default);
                lanes[chunk % lanes.Length].Last = next;
                inFlight.Enqueue(next);
            }
            while (inFlight.Count > 0)
                Take();
        }
        finally
        {
            foreach (Task left in inFlight)
                Task.WaitAny(left); // nobody is to work on behind our back
        }

        void Take() => take(taken++, inFlight.Dequeue().GetAwaiter().GetResult());
    }
}
