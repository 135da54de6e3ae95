namespace Unroll.Data.Tokens;

/// <summary>A vocabulary's numbers; counts what the vocabulary does not hold.</summary>
internal sealed class KnownTokens(Vocabulary vocabulary) : TokenTable
{
    /// <summary>How many different unknown tokens are remembered, so that no text makes the memory grow without bound.</summary>
    internal const int Limit = 100_000;

    private NewTokens unknown = new();
    private List<long> counts = [];

    /// <summary>Unknown tokens met, every occurrence counted.</summary>
    public long Unknown { get; private set; }

    public override int Find(ReadOnlySpan<char> token)
    {
        if (vocabulary.TryFind(token, out int id))
            return id;
        Unknown++;
        if (counts.Count < Limit || unknown.Contains(token))
        {
            int number = unknown.Find(token);
            if (number > counts.Count)
                counts.Add(0);
            counts[number - 1]++;
        }
        return Vocabulary.UnknownId;
    }

    /// <summary>The commonest unknown tokens by falling count, ties in first-seen order.</summary>
    public IReadOnlyList<(string Token, long Count)> Commonest(int limit) =>
        [.. unknown.Tokens.Zip(counts).OrderByDescending(entry => entry.Second).Take(limit)];

    /// <summary>Forgets the unknown tokens met so far.</summary>
    public void Reset() => (unknown, counts, Unknown) = (new NewTokens(), [], 0);
}
