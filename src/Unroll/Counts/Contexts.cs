// What a prediction may look back on, as keys: the last tokens, the word under way with the words before it, and tokens at a
// distance. A key depends on the last History tokens alone, so that a stream's place can be kept, branched and set.
namespace Unroll.Counts;

/// <summary>Contexts of one kind, each level within the one before: the last token, the last two …</summary>
/// <param name="First">The first level's number.</param>
/// <param name="Length">How many levels.</param>
/// <param name="Branch">How many levels of the first chain stand below the first level.</param>
internal readonly record struct ContextChain(int First, int Length, int Branch);

/// <summary>Which contexts a memory counts, and their keys.</summary>
internal sealed class Contexts
{
    /// <summary>Tokens that a key may depend on.</summary>
    public const int History = 48;

    /// <summary>The longest run of last tokens that is a context.</summary>
    public const int Orders = 6;

    /// <summary>Levels of the second chain: the word under way, with the word before it, with the two before it; or the last token
    /// but one, with the one before it, with the two before it.</summary>
    public const int SecondLevels = 3;

    /// <summary>All levels that there may be.</summary>
    public const int MostLevels = Orders + SecondLevels;

    private const int WordBranch = 2;

    private readonly bool words;

    private readonly int[] folded; // [V] a letter's number whatever its case, 0 for what is no part of a word

    /// <summary>The contexts for a text.</summary>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="tokens">The text: where most of its tokens are letters the second chain is of words, otherwise it leaves out the
    /// last token.</param>
    public Contexts(Vocabulary vocabulary, ReadOnlySpan<int> tokens)
    {
        (folded, EndId) = (Letters.Of(vocabulary), vocabulary.EndId);
        long letters = 0;
        foreach (int token in tokens)
            letters += folded[token] != 0 ? 1 : 0;
        words = letters * 2 > tokens.Length;
        Chains = [new(0, Orders, 0), new(Orders, SecondLevels, words ? WordBranch : 0)];
    }

    /// <summary>The chains, the last tokens' first.</summary>
    public IReadOnlyList<ContextChain> Chains { get; }

    /// <summary>The token that ends a document, before which no context reaches; null where a text has none.</summary>
    public int? EndId { get; }

    /// <summary>All levels of all chains.</summary>
    public int Levels => Chains[^1].First + Chains[^1].Length;

    /// <summary>Keys of the contexts after a text; 0 where the text is too short for one.</summary>
    /// <param name="recent">The text's end, at most <see cref="History"/> tokens.</param>
    /// <param name="keys">[<see cref="Levels"/>]</param>
    public void Keys(ReadOnlySpan<int> recent, Span<ulong> keys)
    {
        keys.Clear();
        ulong hash = 1;
        for (int order = 1; order <= Math.Min(Orders, recent.Length); order++)
        {
            hash = Mix(hash, recent[^order]);
            keys[order - 1] = Key(hash, order);
        }
        if (recent.Length == 0)
            return;
        if (words)
            WordKeys(recent, keys[Orders..]);
        else
            GapKeys(recent, keys[Orders..]);
    }

    private void WordKeys(ReadOnlySpan<int> recent, Span<ulong> keys)
    {
        // With the last token, so that every level knows at least what order 1 knows.
        ulong hash = Word(ref recent, Mix(2, recent[^1]));
        for (int level = 0; level < SecondLevels; level++)
        {
            keys[level] = Key(hash, Orders + 1 + level);
            while (recent.Length > 0 && folded[recent[^1]] == 0)
                recent = recent[..^1];
            hash = Word(ref recent, Mix(hash, -1));
        }
    }

    private static void GapKeys(ReadOnlySpan<int> recent, Span<ulong> keys)
    {
        ulong hash = 3;
        for (int level = 0; level < SecondLevels && level + 2 <= recent.Length; level++)
        {
            hash = Mix(hash, recent[^(level + 2)]);
            keys[level] = Key(hash, Orders + 1 + level);
        }
    }

    /// <summary>Takes the letters at the end of a text into a hash, last letter first.</summary>
    private ulong Word(ref ReadOnlySpan<int> recent, ulong hash)
    {
        while (recent.Length > 0 && folded[recent[^1]] is > 0 and int letter)
        {
            hash = Mix(hash, letter);
            recent = recent[..^1];
        }
        return hash;
    }

    private static ulong Mix(ulong hash, int token)
    {
        hash = (hash ^ (uint)(token + 2)) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 32);
    }

    private static ulong Key(ulong hash, int level)
    {
        hash = (hash + (ulong)level) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 29)) * 0x94D049BB133111EB;
        return (hash ^ (hash >> 32)) | 1UL << 63; // 0 is no key
    }
}
