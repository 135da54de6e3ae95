// An order of n things that is computed, not stored: where a shuffled list of a great text's windows would take
// gigabytes, this takes none. A Feistel network (Luby and Rackoff, 1988) permutes the numbers below a power of four that
// is at least n; what falls outside n is sent through again until it falls inside (Black and Rogaway, "Ciphers with
// arbitrary finite domains", 2002), which leaves a permutation of n.
using System.Numerics;

namespace Unroll;

internal sealed class Permutation
{
    private const int Rounds = 12;

    private readonly long length;
    private readonly int half; // bits in each half of a number
    private readonly ulong mask;
    private readonly ulong[] keys = new ulong[Rounds];
    private readonly ulong swap; // 1 or 0

    /// <param name="random">Decides which order.</param>
    /// <param name="length">The number of things, n.</param>
    public Permutation(RandomStream random, long length)
    {
        this.length = length;
        int bits = 64 - BitOperations.LeadingZeroCount((ulong)Math.Max(length - 1, 1));
        half = (bits + 1) / 2;
        mask = (1UL << half) - 1;
        for (uint round = 0; round < Rounds; round++)
            keys[round] = random.Bits(round);
        swap = random.Bits(Rounds) >> 63;
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
        // The rounds alone make even permutations only; a coin that exchanges 0 and 1 makes the odd ones as likely.
        if (number < 2)
            number ^= swap;
        (ulong left, ulong right) = (number >> half, number & mask);
        foreach (ulong key in keys)
            (left, right) = (right, left ^ (Scatter(right ^ key) & mask));
        return (left << half) | right;
    }

    /// <summary>Makes every bit depend on every other: the output function of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Scatter(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
