// What is learned beside the counts: how much each context's word weighs, by how often it was seen and what else is known. A
// few thousand numbers, learned in one pass over the text, each prediction made before its token is counted.
namespace Unroll.Counts;

/// <summary>Weights of contexts' boosts, and how they learn.</summary>
/// <remarks>A step is that of Adagrad (Duchi, Hazan, Singer 2011) with squares that fade: w −= rate·g / √(Σ fading·g²).</remarks>
internal sealed class CountWeights
{
    /// <summary>Kinds of contexts: by the logarithm of how often one was counted (8) and how many followers it has (7).</summary>
    public const int Kinds = 56;

    /// <summary>Kinds of followers within a kind of context: by the logarithm of their count (8), and whether last seen.</summary>
    public const int FollowerKinds = 16;

    /// <summary>The longest contexts known, of the first chain (0 to 6) and of the second (0 to 3).</summary>
    public const int Matches = 32;

    /// <summary>The last token, by the rest of its number.</summary>
    public const int LastTokens = 64;

    private const int Scales = Kinds + Matches + LastTokens;

    /// <summary>Numbers to a level.</summary>
    public const int PerLevel = Scales + Kinds * FollowerKinds;

    private const float ScaleRate = 0.02f, OffsetRate = 0.02f, Fading = 0.9999f;

    private readonly float[] values, squares; // [levels, PerLevel]

    /// <summary>Weights that have learned nothing: chains side by side, the first one counting most.</summary>
    public CountWeights(Contexts contexts) : this(new float[contexts.Levels * PerLevel], new float[contexts.Levels * PerLevel])
    {
        foreach (ContextChain chain in contexts.Chains)
        {
            float share = chain.First == 0 ? 0.7f : 0.5f;
            for (int level = chain.First; level < chain.First + chain.Length; level++)
                values.AsSpan(level * PerLevel, Kinds).Fill(share);
        }
    }

    /// <summary>Weights that were kept.</summary>
    public CountWeights(float[] values, float[] squares)
    {
        (this.values, this.squares) = (values, squares);
    }

    /// <summary>[levels, <see cref="PerLevel"/>] the weights.</summary>
    public float[] Values => values;

    /// <summary>[levels, <see cref="PerLevel"/>] the sums of their gradients' squares.</summary>
    public float[] Squares => squares;

    /// <summary>A copy that may learn.</summary>
    public CountWeights Clone() => new([.. values], [.. squares]);

    /// <summary>The factor of a context's boosts: one weight by its kind, one by what else matched, one by the last token.</summary>
    public float Scale(int level, int kind, int match, int last)
    {
        int first = level * PerLevel;
        return values[first + kind] + values[first + Kinds + match] + values[first + Kinds + Matches + last];
    }

    /// <summary>Moves a factor's three weights.</summary>
    public void LearnScale(int level, int kind, int match, int last, float gradient)
    {
        int first = level * PerLevel;
        Learn(first + kind, gradient, ScaleRate, 1e-2f);
        Learn(first + Kinds + match, gradient, ScaleRate, 1e-2f);
        Learn(first + Kinds + Matches + last, gradient, ScaleRate, 1e-2f);
    }

    /// <summary>Where the offset of a follower stands.</summary>
    public static int OffsetPlace(int level, int kind, int followerKind) => level * PerLevel + Scales + kind * FollowerKinds + followerKind;

    /// <summary>What is added to a follower's logit.</summary>
    public float Offset(int place) => values[place];

    /// <summary>Moves a follower's offset.</summary>
    public void LearnOffset(int place, float gradient) => Learn(place, gradient, OffsetRate, 1e-4f);

    private void Learn(int place, float gradient, float rate, float least)
    {
        float square = squares[place] * Fading + gradient * gradient;
        squares[place] = square;
        values[place] -= rate * gradient / MathF.Sqrt(square + least);
    }
}
