// An order of n things that is computed, not stored: where a shuffled list of a great text's windows would take
// gigabytes, this takes none. A Feistel network (Luby and Rackoff, 1988) permutes the numbers below a power of four that is at
// least n; what falls outside n is sent through again until it falls inside (Black and Rogaway, "Ciphers with
// arbitrary finite domains", 2002), which leaves a permutation of n.
using System.Numerics;

namespace Unroll.Data;

internal readonly struct Permutation
{
    private const int Rounds = 8;

    private readonly RandomStream random;
    private readonly long length;
    private readonly int half; // bits in each half of a number
    private readonly ulong mask;

    /// <param name="random">Decides which order.</param>
    /// <param name="length">The number of things, n.</param>
    public Permutation(RandomStream random, long length)
    {
        (this.random, this.length) = (random, length);
        int bits = 64 - BitOperations.LeadingZeroCount((ulong)Math.Max(length - 1, 1));
        half = (bits + 1) / 2;
        mask = (1UL << half) - 1;
    }

    /// <summary>Which thing comes at a position.</summary>
    public long this[long position]
    {
        get
        {
            ulong number = (ulong)position;
            do
            {
                number = Mix(number);
            }
            while (number >= (ulong)length);
            return (long)number;
        }
    }

    private ulong Mix(ulong number)
    {
        (ulong left, ulong right) = (number >> half, number & mask);
        for (uint round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (random.Bits((right * Rounds) + round) & mask));
        return (left << half) | right;
    }
}
