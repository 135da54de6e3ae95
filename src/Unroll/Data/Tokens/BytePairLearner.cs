// Learns the merges of byte-pair encoding (Sennrich et al. 2016): again and again the commonest pair of neighbours within words becomes
// a token, until there are as many as wanted or no pair occurs twice. Of pairs that are equally common the one with the smaller left
// id is merged, of these the one with the smaller right id: so the merges depend on the words and their counts alone.
// (BytePairRow does the work.)
namespace Unroll.Data.Tokens;

/// <summary>Learns byte pairs from texts: counts their words, then merges.</summary>
internal sealed class BytePairLearner
{
    private readonly PreTokenizer cutter = new();
    private readonly NewTokens words = new();
    private readonly List<long> counts = [];

    /// <summary>Counts the words of a piece of a text.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="times">How often the text occurs.</param>
    public void Add(ReadOnlySpan<char> text, long times = 1)
    {
        int used = 0;
        while (cutter.TryRead(text, ref used, out ReadOnlySpan<char> word))
            Count(word, times);
    }

    /// <summary>Ends a text, whose last word may be unfinished.</summary>
    public void End(long times = 1)
    {
        while (cutter.TryFinish(out ReadOnlySpan<char> word))
            Count(word, times);
    }

    /// <summary>The tokens of a vocabulary, in id order: the unknown one, the bytes, and merges of what has been counted.</summary>
    /// <param name="size">Tokens wanted; there are fewer where no pair occurs twice any more.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IReadOnlyList<string> Learn(int size, CancellationToken cancellationToken = default)
    {
        var row = new BytePairRow(words.Tokens, counts);
        List<byte[]> bytes = [[], .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        var tokens = new List<string>(BytePairTable.BaseTokens);
        while (tokens.Count < size && row.TryFindCommonest(out int left, out int right))
        {
            cancellationToken.ThrowIfCancellationRequested();
            row.Merge(left, right, tokens.Count);
            bytes.Add([.. bytes[left], .. bytes[right]]);
            tokens.Add(ByteToken.Spell(bytes[^1]));
        }
        return tokens;
    }

    private void Count(ReadOnlySpan<char> word, long times)
    {
        int number = words.Find(word);
        if (number > counts.Count)
            counts.Add(0);
        counts[number - 1] += times;
    }
}
