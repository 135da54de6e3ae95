// All that is counted of a text: its tokens, and what followed its contexts. The longest context of a chain counts every time, a
// shorter one only what is new to the longer: those are Kneser and Ney's counts, of how many contexts a token was seen in.
using Unroll.Kernels;

namespace Unroll.Counts;

/// <summary>Counts of a text, perhaps on top of another's that stay as they are.</summary>
internal sealed class TextCounts
{
    private readonly Contexts contexts;
    private readonly CountTable table = new();
    private readonly CountTable? under;
    private readonly Discounts[] discounts; // [levels + 1], the tokens' own last
    private readonly int[] tokens; // [V]
    private readonly double[] shares; // [V]
    private readonly float[] logs; // [V]
    private long total; // of tokens

    /// <summary>Nothing counted yet.</summary>
    /// <param name="contexts">The contexts.</param>
    /// <param name="vocabulary">V.</param>
    public TextCounts(Contexts contexts, int vocabulary)
    {
        this.contexts = contexts;
        discounts = [.. Enumerable.Range(0, contexts.Levels + 1).Select(_ => new Discounts())];
        (tokens, shares, logs) = (new int[vocabulary], new double[vocabulary], new float[vocabulary]);
        Update();
    }

    private TextCounts(TextCounts other)
    {
        (contexts, under, total) = (other.contexts, other.table, other.total);
        discounts = [.. other.discounts.Select(discount => discount.Clone())];
        (tokens, shares, logs) = ([.. other.tokens], [.. other.shares], [.. other.logs]);
    }

    /// <summary>[V] each token's probability without any context.</summary>
    public ReadOnlySpan<double> Shares => shares;

    /// <summary>[V] their logarithms.</summary>
    public ReadOnlySpan<float> Logs => logs;

    /// <summary>How often <see cref="Update"/> was called.</summary>
    public int Rounds { get; private set; }

    /// <summary>The bytes of memory that they take.</summary>
    public long Bytes => table.Bytes + 16L * tokens.Length;

    /// <summary>Counts that begin as these are and leave them alone. These must not change any more.</summary>
    public TextCounts Branch() => under is null ? new TextCounts(this) : throw new InvalidOperationException("Branches of branches are not kept.");

    /// <summary>What followed a context; empty if it never came.</summary>
    /// <param name="key">The context.</param>
    /// <param name="total">The sum of the counts.</param>
    public ReadOnlySpan<Follower> Find(ulong key, out int total)
    {
        CountTable place = table;
        int at = key == 0 ? -1 : table.Find(key);
        if (at < 0 && key != 0 && under is not null)
            (place, at) = (under, under.Find(key));
        total = at < 0 ? 0 : place.Total(at);
        return at < 0 ? [] : place.Followers(at);
    }

    /// <summary>The discounts of a level's counts.</summary>
    public Discounts Discounts(int level) => discounts[level];

    /// <summary>Counts a token after its contexts.</summary>
    /// <param name="keys">[levels]</param>
    /// <param name="token">The token.</param>
    public void Count(ReadOnlySpan<ulong> keys, int token)
    {
        bool isNew = true;
        for (int chain = contexts.Chains.Count - 1; chain >= 0; chain--)
        {
            isNew = true;
            for (int level = contexts.Chains[chain].First + contexts.Chains[chain].Length - 1; isNew && level >= contexts.Chains[chain].First; level--)
            {
                if (keys[level] != 0)
                    isNew = Add(level, keys[level], token) == 0;
            }
        }
        if (!isNew)
            return;
        discounts[^1].Raise(tokens[token]++);
        total++;
    }

    /// <summary>Brings the discounts and the tokens' own probabilities up to date.</summary>
    public void Update()
    {
        Rounds++;
        foreach (Discounts discount in discounts)
            discount.Update();
        double kept = 0;
        foreach (int count in tokens)
            kept += discounts[^1].Of(count);
        for (int token = 0; token < tokens.Length; token++)
        {
            shares[token] = total == 0 ? 1.0 / tokens.Length : (tokens[token] - discounts[^1].Of(tokens[token]) + kept / tokens.Length) / total;
            logs[token] = (float)Functions.Log(shares[token]);
        }
    }

    private int Add(int level, ulong key, int token)
    {
        if (under is not null && table.Find(key) < 0 && under.Find(key) is >= 0 and int place)
            table.Copy(key, under, place);
        int before = table.Add(key, token);
        discounts[level].Raise(before);
        return before;
    }
}
