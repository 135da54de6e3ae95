namespace Unroll.Counts;

/// <summary>What is taken off counts of 1, 2 and more, to be given to what was never seen: modified Kneser–Ney (Chen and Goodman
/// 1999, section 2.6), from how many counts of 1, 2, 3 and 4 there are.</summary>
internal sealed class Discounts
{
    private readonly int[] counts = new int[5]; // [c]: how many followers were counted c times
    private readonly float[] discounts = [0, 0.5f, 0.7f, 0.8f]; // by count, 3 for 3 and more

    /// <summary>A copy.</summary>
    public Discounts Clone()
    {
        var copy = new Discounts();
        counts.CopyTo(copy.counts.AsSpan());
        discounts.CopyTo(copy.discounts.AsSpan());
        return copy;
    }

    /// <summary>Takes note of a count that rises by one.</summary>
    public void Raise(int count)
    {
        if (count is > 0 and < 5)
            counts[count]--;
        if (count < 4)
            counts[count + 1]++;
    }

    /// <summary>What is taken off a count.</summary>
    public float Of(int count) => discounts[Math.Min(count, 3)];

    /// <summary>Makes the discounts those of the counts.</summary>
    public void Update()
    {
        (discounts[1], discounts[2], discounts[3]) = (0.5f, 0.7f, 0.8f);
        if (counts[1] < 5 || counts[2] == 0 || counts[3] == 0)
            return; // too few for the rule
        float y = counts[1] / (counts[1] + 2f * counts[2]);
        for (int c = 1; c <= 3; c++)
        {
            float discount = c - (c + 1) * y * counts[c + 1] / counts[c];
            if (discount > 0)
                discounts[c] = discount;
        }
    }
}
