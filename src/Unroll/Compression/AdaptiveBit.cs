namespace Unroll.Compression;

/// <summary>How likely something is that happens or does not, by how it has been lately.</summary>
/// <param name="start">The probability to begin with, of <see cref="One"/>.</param>
internal sealed class AdaptiveBit(int start)
{
    /// <summary>What stands for certainty.</summary>
    public const int One = 1 << 22;

    private const int Rate = 5; // a 32nd of the way each time
    private const int Most = One - One / 64; // something else stays possible at a bearable price

    /// <summary>The probability that it happens: from 1 to less than <see cref="One"/>.</summary>
    public int Probability { get; private set; } = start;

    /// <summary>Takes in whether it happened.</summary>
    public void Learn(bool happened) => Probability = happened
        ? Math.Min(Most, Probability + (One - Probability >> Rate))
        : Math.Max(1, Probability - (Probability >> Rate));

    /// <summary>Writes whether it happens.</summary>
    public void Encode(RangeEncoder encoder, bool happens)
    {
        if (happens)
            encoder.Encode(0, (ulong)Probability, One);
        else
            encoder.Encode((ulong)Probability, (ulong)(One - Probability), One);
        Learn(happens);
    }

    /// <summary>Reads it.</summary>
    public bool Decode(RangeDecoder decoder)
    {
        bool happens = decoder.Find(One) < (ulong)Probability;
        if (happens)
            decoder.Take(0, (ulong)Probability, One);
        else
            decoder.Take((ulong)Probability, (ulong)(One - Probability), One);
        Learn(happens);
        return happens;
    }
}
