// What no token says: a character or a word that the model does not know, bytes that are no UTF-8. It takes the place of the unknown
// token and is written byte by byte. How likely that is the model says, which has learnt when something unknown comes, and what has
// lately happened, for a model of English has never seen a picture: whoever holds it more likely is right.
namespace Unroll.Compression;

/// <summary>How likely an escape is in a segment, and what its bytes are.</summary>
internal sealed class Escapes
{
    private const int Seldom = AdaptiveBit.One >> 10, AsLikelyAsNot = AdaptiveBit.One / 2;

    private readonly AdaptiveBit afterToken = new(Seldom), afterEscape = new(AsLikelyAsNot);
    private readonly AdaptiveBytes first = new(), later = new();
    private readonly AdaptiveBit[] more = [.. Enumerable.Range(0, 16).Select(_ => new AdaptiveBit(AsLikelyAsNot))]; // by the high bits of the byte before
    private bool escaped; // the symbol before

    /// <summary>The frequency of an escape.</summary>
    /// <param name="model">What the model says.</param>
    /// <param name="others">The frequencies of all tokens.</param>
    public ulong Frequency(uint model, ulong others)
    {
        ulong probability = (ulong)(escaped ? afterEscape : afterToken).Probability;
        return Math.Max(Math.Max(1, model), others * probability / (AdaptiveBit.One - probability));
    }

    /// <summary>Takes in whether a symbol was an escape.</summary>
    public void Learn(bool isEscape)
    {
        (escaped ? afterEscape : afterToken).Learn(isEscape);
        escaped = isEscape;
    }

    /// <summary>Writes an escape's bytes, one at least.</summary>
    public void Encode(RangeEncoder encoder, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            (i == 0 ? first : later).Encode(encoder, bytes[i]);
            more[bytes[i] >> 4].Encode(encoder, i < bytes.Length - 1);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="decoder">Where from.</param>
    /// <param name="bytes">Where they are added.</param>
    /// <param name="most">How many there can be: an end to what damage would make endless.</param>
    public void Decode(RangeDecoder decoder, List<byte> bytes, int most)
    {
        for (int i = 0; i < most; i++)
        {
            byte value = (i == 0 ? first : later).Decode(decoder);
            bytes.Add(value);
            if (!more[value >> 4].Decode(decoder))
                return;
        }
    }
}
