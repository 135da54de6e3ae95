namespace Unroll.Kernels;

/// <summary>Threads that work on the same rows of a batch, each on some of the units. They meet within a window; groups do not.</summary>
internal sealed class ThreadGroup(ThreadBarrier barrier, int members)
{
    /// <summary>The number of threads.</summary>
    public int Members { get; } = members;

    /// <summary>Waits until every member is here. What one wrote before, all may read after.</summary>
    /// <param name="member">Which member calls, from 0.</param>
    public void Meet(int member) => barrier.Wait(member);
}
