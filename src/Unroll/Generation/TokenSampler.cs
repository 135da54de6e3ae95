// From logits to a token. The same logits, options and position give the same token on any machine: ties go to the lowest
// id, sums run in a fixed order, and the random number is looked up by position.
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Generation;

/// <summary>Chooses tokens: the likeliest, or one drawn from the model's distribution. The unknown token is never chosen,
/// unless the vocabulary holds nothing else. A logit that is no number counts as the least likely.</summary>
internal sealed class TokenSampler
{
    private readonly GenerationOptions options;
    private readonly RandomStream random;
    private readonly TurnRoom? own;

    /// <summary>One that is given what a choice needs.</summary>
    /// <param name="options">How to choose.</param>
    public TokenSampler(GenerationOptions options)
    {
        this.options = options;
        random = new RandomStream(options.Seed, RandomPurpose.Sampling, options.Sample);
    }

    /// <summary>One that has what a choice needs.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="vocabularySize">V.</param>
    public TokenSampler(GenerationOptions options, int vocabularySize) : this(options) => own = new TurnRoom(vocabularySize);

    /// <inheritdoc cref="Next(ReadOnlySpan{float}, long, TurnRoom)"/>
    public int Next(ReadOnlySpan<float> logits, long position) => Next(logits, position, own!);

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="position">Which token of the text this is, from 0.</param>
    /// <param name="room">What a choice needs.</param>
    public int Next(ReadOnlySpan<float> logits, long position, TurnRoom room)
    {
        int first = logits.Length > 1 ? 1 : 0; // the first id that may be chosen
        int likeliest = Likeliest(logits, first);
        if (options.Temperature == 0 || !float.IsFinite(logits[likeliest]))
            return likeliest;

        Span<double> weights = room.Weights.AsSpan(0, logits.Length);
        double total = Weigh(logits, first, logits[likeliest], weights);
        double target = random.Uniform((ulong)position);
        return options.TopK > 0 || options.TopP < 1 || options.MinP > 0
            ? Draw(Shortlist(logits, first, total, room), weights, target)
            : DrawAny(weights, first, target * total, likeliest);
    }

    private static int Likeliest(ReadOnlySpan<float> logits, int first)
    {
        // The highest first, many at a time; no comparison with what is no number holds.
        ReadOnlySpan<float> candidates = logits[first..];
        var highests = new Vector<float>(float.NegativeInfinity);
        int at = 0;
        for (; at <= candidates.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            var next = new Vector<float>(candidates[at..]);
            highests = Vector.ConditionalSelect(Vector.GreaterThan(next, highests), next, highests);
        }
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        highests.CopyTo(lanes);
        float highest = float.NegativeInfinity;
        foreach (float lane in lanes)
            highest = lane > highest ? lane : highest;
        for (; at < candidates.Length; at++)
            highest = candidates[at] > highest ? candidates[at] : highest;
        return first + Math.Max(0, candidates.IndexOf(highest));
    }

    private double Weigh(ReadOnlySpan<float> logits, int first, float highest, Span<double> weights)
    {
        ReadOnlySpan<float> candidates = logits[first..];
        Span<double> those = weights[first..];
        var top = new Vector<double>(highest);
        int at = 0;
        for (; at <= candidates.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(candidates[at..]), out Vector<double> low, out Vector<double> high);
            ((low - top) / options.Temperature).CopyTo(those[at..]);
            ((high - top) / options.Temperature).CopyTo(those[(at + Vector<double>.Count)..]);
        }
        for (; at < candidates.Length; at++)
            those[at] = ((double)candidates[at] - highest) / options.Temperature;
        Functions.Exp(those);
        double total = 0;
        foreach (ref double weight in those)
        {
            if (double.IsNaN(weight))
                weight = 0;
            total += weight;
        }
        return total;
    }

    private static int DrawAny(ReadOnlySpan<double> weights, int first, double target, int likeliest)
    {
        double sum = 0;
        for (int id = first; id < weights.Length; id++)
        {
            sum += weights[id];
            if (sum > target)
                return id;
        }
        return likeliest; // rounding has left the target at the very end
    }

    private static int Draw(ReadOnlySpan<ulong> shortlist, ReadOnlySpan<double> weights, double uniform)
    {
        double target = uniform * WeightOf(shortlist, weights);
        double sum = 0;
        foreach (ulong key in shortlist)
        {
            sum += weights[(int)(uint)key];
            if (sum > target)
                return (int)(uint)key;
        }
        return (int)(uint)shortlist[0];
    }

    // The tokens that top-k, min-p and top-p leave, likeliest first.
    private ReadOnlySpan<ulong> Shortlist(ReadOnlySpan<float> logits, int first, double total, TurnRoom room)
    {
        int count = logits.Length - first;
        // Of n tokens those rarer than (1 − p)/n weigh less than 1 − p together: top-p never reaches them, so they need
        // not be sorted. Top-k and min-p change the total, so there no more is left out beforehand than min-p leaves out; the
        // likeliest token weighs 1.
        bool isTotal = options.TopK == 0 && options.MinP == 0;
        double least = isTotal ? (1 - options.TopP) / count * total : options.MinP;
        int candidates = 0;
        (double[] weights, ulong[] keys) = (room.Weights, room.Keys);
        for (int id = first; id < logits.Length; id++)
        {
            if (weights[id] >= least && !float.IsNaN(logits[id]))
                keys[candidates++] = Key(logits[id], id);
        }
        Span<ulong> list = keys.AsSpan(0, candidates);
        if (options.TopK > 0 && options.TopK < list.Length)
        {
            MoveSmallestToFront(list, options.TopK);
            list = list[..options.TopK];
        }
        list.Sort();
        return options.TopP < 1 ? list[..Nucleus(list, weights, isTotal ? total : WeightOf(list, weights))] : list;
    }

    // How many of the likeliest tokens it takes to reach p.
    private int Nucleus(ReadOnlySpan<ulong> list, ReadOnlySpan<double> weights, double total)
    {
        double sum = 0;
        int count = 0;
        while (count < list.Length && (count == 0 || sum < options.TopP * total))
            sum += weights[(int)(uint)list[count++]];
        return count;
    }

    private static double WeightOf(ReadOnlySpan<ulong> list, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (ulong key in list)
            sum += weights[(int)(uint)key];
        return sum;
    }

    // Ascending keys are descending logits, then ascending ids.
    private static ulong Key(float logit, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f); // −0 becomes 0
        uint ascending = (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
        return ((ulong)~ascending << 32) | (uint)id;
    }

    // Hoare's selection: afterwards the k smallest stand first, in some order.
    private static void MoveSmallestToFront(Span<ulong> list, int k)
    {
        int low = 0, high = list.Length - 1;
        while (low < high)
        {
            ulong pivot = list[low + (high - low) / 2];
            int i = low, j = high;
            while (i <= j)
            {
                while (list[i] < pivot)
                    i++;
                while (list[j] > pivot)
                    j--;
                if (i > j)
                    break;
                (list[i], list[j]) = (list[j], list[i]);
                i++;
                j--;
            }
            if (k - 1 <= j)
                high = j;
            else if (k - 1 >= i)
                low = i;
            else
                return;
        }
    }
}
