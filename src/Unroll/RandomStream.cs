// Random numbers by position: value n of stream (seed, purpose, index) is a pure function of those four, so a run
// draws the same numbers on any number of threads, and a resumed run needs no generator state to be saved.
using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>What a random number is for. Streams of different purposes never overlap. The values are part of the
/// reproducibility contract: never renumber them.</summary>
public enum RandomPurpose
{
    /// <summary>Initial weights; the index is the tensor's position in the parameter order.</summary>
    InitialWeights = 1,

    /// <summary>The offset at which an epoch's windows start; the index is the epoch.</summary>
    WindowOffset = 2,

    /// <summary>The order of an epoch's windows under random sampling; the index is the epoch.</summary>
    WindowOrder = 3,

    /// <summary>Dropout masks; the index is the update.</summary>
    Dropout = 4,

    /// <summary>Sampling of generated tokens; the index is the sample's number.</summary>
    Sampling = 5,

    /// <summary>Dropout masks of recurrent states; the index is the update.</summary>
    StateDropout = 6,

    /// <summary>Dropout masks of inputs; the index is the update.</summary>
    InputDropout = 7,

    /// <summary>Which vectors by n-gram are dropped; the index is the update.</summary>
    NgramDropout = 8,

    /// <summary>Which tokens a softmax samples in training; the index is the update.</summary>
    SoftmaxSample = 9,

    /// <summary>The order of a text's documents; the index is 0.</summary>
    DocumentOrder = 10,
}

/// <summary>A counter-based stream of random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011), keyed by seed, purpose and index, addressed by position.</summary>
/// <param name="seed">The run's seed.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="index">Which stream of that purpose: an epoch, an update, a tensor, a sample.</param>
public readonly struct RandomStream(ulong seed, RandomPurpose purpose, ulong index)
{
    private readonly uint key0 = (uint)seed;
    private readonly uint key1 = (uint)(seed >> 32);
    private readonly uint counter2 = (uint)index;
    private readonly uint counter3 = (uint)(index >> 32) ^ ((uint)purpose << 24);

    /// <summary>64 random bits.</summary>
    /// <param name="position">The position in the stream.</param>
    public ulong Bits(ulong position)
    {
        (uint x0, uint x1, uint x2, uint x3) = Block(position >> 1);
        return (position & 1) == 0 ? x0 | ((ulong)x1 << 32) : x2 | ((ulong)x3 << 32);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    /// <param name="position">The position in the stream.</param>
    public double Uniform(ulong position) => (Bits(position) >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer in [0, <paramref name="bound"/>), each equally likely to within 2^-32.</summary>
    /// <param name="position">The position in the stream.</param>
    /// <param name="bound">The exclusive upper bound, at least 1.</param>
    public int Below(ulong position, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(((UInt128)Bits(position) * (ulong)bound) >> 64);
    }

    /// <summary>Four 32-bit words: the generator's block at a counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal (uint, uint, uint, uint) Block(ulong counter)
    {
        (uint c0, uint c1, uint c2, uint c3) = ((uint)counter, (uint)(counter >> 32), counter2, counter3);
        (uint k0, uint k1) = (key0, key1);
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)c0 * 0xD2511F53u;
            ulong product1 = (ulong)c2 * 0xCD9E8D57u;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return (c0, c1, c2, c3);
    }
}
