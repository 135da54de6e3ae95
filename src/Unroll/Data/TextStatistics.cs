// One pass over a text: which tokens, how often. It keeps counts, never the text, so a text of any length is measured in
// memory that grows only with its vocabulary.
using System.Runtime.InteropServices;

namespace Unroll.Data;

/// <summary>What a text consists of.</summary>
/// <param name="Vocabulary">The tokens, ordered.</param>
/// <param name="Counts">How often each occurs, in id order; at 0, the tokens that <see cref="TextOptions.MinCount"/> leaves out.</param>
/// <param name="Tokens">Tokens in the text.</param>
/// <param name="Characters">Unicode scalar values, after cleaning; the book's words count with one space between them.</param>
/// <param name="Bytes">The same text's length in UTF-8.</param>
public sealed record TextStatistics(Vocabulary Vocabulary, IReadOnlyList<long> Counts, long Tokens, long Characters, long Bytes)
{
    /// <summary>Reads a text to its end, keeping none of it.</summary>
    /// <exception cref="UnrollException">There is no token in it, it is not valid UTF-8, or it cannot be read.</exception>
    public static TextStatistics Measure(TextSource source, TextOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Read(source, options ?? new TextOptions(), vocabulary: null, static _ => { }).Statistics;
    }

    /// <summary>Reads a text to its end and orders its tokens.</summary>
    /// <param name="source">The text.</param>
    /// <param name="options">How it becomes tokens.</param>
    /// <param name="vocabulary">A vocabulary to use as it is, or null for the text's own.</param>
    /// <param name="take">Gets the tokens as they come, each by its number in first-seen order, from 1.</param>
    /// <returns>What was counted; the tokens in first-seen order; and the id of each number (0 for 0).</returns>
    internal static (TextStatistics Statistics, IReadOnlyList<string> Seen, int[] Ids) Read(
        TextSource source, TextOptions options, Vocabulary? vocabulary, Action<ReadOnlySpan<int>> take)
    {
        options.Check();
        var seen = new NewTokens();
        var counts = new List<long>();
        using var tokenizer = Tokenizer.Create(source.Read(), options, seen);
        int[] chunk = new int[4096];
        long tokens = 0;
        for (int count = tokenizer.Read(chunk); count > 0; count = tokenizer.Read(chunk))
        {
            CollectionsMarshal.SetCount(counts, seen.Tokens.Count);
            Span<long> counted = CollectionsMarshal.AsSpan(counts);
            foreach (int number in chunk.AsSpan(0, count))
                counted[number - 1]++;
            take(chunk.AsSpan(0, count));
            tokens += count;
        }
        if (tokens == 0)
            throw Nothing(source, options);

        vocabulary ??= Vocabulary.Order(seen.Tokens, counts, options, []);
        int[] ids = new int[seen.Tokens.Count + 1];
        long[] final = new long[vocabulary.Count];
        for (int number = 1; number < ids.Length; number++)
        {
            ids[number] = vocabulary[seen.Tokens[number - 1]];
            final[ids[number]] += counts[number - 1];
        }
        return (new TextStatistics(vocabulary, final, tokens, tokenizer.Characters, tokenizer.Bytes), seen.Tokens, ids);
    }

    private static UnrollException Nothing(TextSource source, TextOptions options) => new(options.Clean == Cleaning.Textbook
        ? $"Nothing is left of {source.Name} after the textbook's cleaning, which keeps English letters only: choose no cleaning."
        : $"There is nothing in {source.Name}: give a text with something in it.");
}
