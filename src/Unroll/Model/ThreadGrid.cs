// Threads as a grid: groups of rows × members that share a group's units. Rows of a batch are independent through a whole
// window, so groups never wait for each other; members of a group meet at every step but need only their part of the weights in
// their cache. Which is better, a small model of the machine decides (docs/kernels.md); results do not depend on it.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>How many groups, and how many threads in each.</summary>
internal readonly record struct ThreadGrid(int Groups, int Members)
{
    // Cycles of a barrier for each doubling of its threads.
    private const double BarrierCycles = 500;

    // Bytes a cycle that a core reads weights at from its own cache, from the shared one and from memory.
    private const double NearBytes = 48, SharedBytes = 20, MemoryBytes = 5;

    /// <summary>Threads in all.</summary>
    public int Threads => Groups * Members;

    /// <summary>The fastest grid.</summary>
    /// <param name="shape">The cell.</param>
    /// <param name="units">H.</param>
    /// <param name="rows">Rows of a call.</param>
    /// <param name="steps">Its steps.</param>
    /// <param name="threads">Threads at most.</param>
    public static ThreadGrid Choose(CellShape shape, int units, int rows, int steps, int threads)
    {
        var best = new ThreadGrid(1, 1);
        double least = double.PositiveInfinity;
        for (int groups = 1; groups <= Math.Min(threads, rows); groups++)
        {
            for (int members = 1; groups * members <= threads; members++)
            {
                // A call of several threads begins and ends with a meeting of all.
                double cycles = Cycles(shape, units, (rows + groups - 1) / groups, members, groups * members)
                    + 2 * Barrier(groups * members) / steps;
                // A thread more must bring something, or it only heats the machine.
                if (cycles < (groups * members > best.Threads ? 0.97 : 1) * least)
                    (best, least) = (new ThreadGrid(groups, members), cycles);
            }
        }
        return best;
    }

    /// <summary>What one step of the recurrence takes a thread: multiply-adds, or the reading of the weights where that takes
    /// longer, and the meetings.</summary>
    private static double Cycles(CellShape shape, int units, int rows, int members, int threads)
    {
        int width = PackedMatrix.PanelWidth, panels = (units + width - 1) / width, mine = (panels + members - 1) / members;
        double products = (double)Math.Max(1, shape.RecurrentGates) * units * mine;
        // A tile's row and one k: two vectors, two multiply-adds a cycle. Fewer than four rows wait for their own sums.
        double compute = products * Math.Max(rows, rows == 1 ? 3 : 4);
        double bytes = products * width * sizeof(float);
        bool near = bytes < 0.75 * Caches.Near;
        double stream = bytes / (near ? NearBytes : bytes * threads < Caches.Shared ? SharedBytes : MemoryBytes);
        // What comes from afar is fetched ahead, but not without a trace.
        double behind = near ? 0 : 0.1 * Math.Min(compute, stream);
        return Math.Max(compute, stream) + behind + shape.Stages * Barrier(members);
    }

    private static double Barrier(int threads) => threads == 1 ? 0 : BarrierCycles * (32 - int.LeadingZeroCount(threads - 1));
}
