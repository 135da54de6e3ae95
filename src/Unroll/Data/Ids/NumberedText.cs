// A whole text as numbers (TokenTable.cs says what these are). The source is read once from its beginning to its end (standard
// input cannot be read twice), so tokens are numbered in first-seen order; a vocabulary gives them their ids when all counts
// are known. One numbering serves every vocabulary, which is why a kept one is good whatever rare tokens are left out.
using System.Runtime.InteropServices;
using Unroll.Data.Tokens;

namespace Unroll.Data.Ids;

/// <summary>A text as numbers, and what the numbers mean.</summary>
/// <param name="Seen">The tokens in first-seen order; number n is at n.</param>
/// <param name="Counts">How often each occurs.</param>
/// <param name="Numbers">The text.</param>
internal sealed record NumberedText(IReadOnlyList<string> Seen, IReadOnlyList<long> Counts, IdSegments Numbers) : IDisposable
{
    /// <summary>The file that a long text's numbers are kept in for other runs, or null.</summary>
    public string? CachePath { get; init; }

    /// <summary>Something to tell about it, or null.</summary>
    public string? Notice { get; init; }

    /// <summary>Reads a text to its end, piece by piece.</summary>
    /// <param name="source">The text.</param>
    /// <param name="tokens">How it becomes tokens.</param>
    /// <param name="writer">Where the numbers go; null counts only.</param>
    /// <param name="progress">Told of the bytes read.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static NumberedText Read(
        TextSource source, Tokenization tokens, IdWriter? writer, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        var seen = new NewTokens();
        var counts = new List<long>();
        using var stream = new TokenStream(source.Read(), tokens, seen);
        int[] chunk = new int[4096];
        for (int count = stream.Read(chunk); count > 0; count = stream.Read(chunk))
        {
            cancellationToken.ThrowIfCancellationRequested();
            CollectionsMarshal.SetCount(counts, seen.Tokens.Count);
            Span<long> counted = CollectionsMarshal.AsSpan(counts);
            foreach (ref int number in chunk.AsSpan(0, count))
                counted[--number]++; // in a table they begin at 1
            writer?.Append(chunk.AsSpan(0, count));
            progress?.Report(new ReadingProgress(stream.Bytes, Total: null));
        }
        return new NumberedText(seen.Tokens, counts, writer?.Finish() ?? new IdSegments());
    }

    /// <summary>Counts the text's tokens and orders them.</summary>
    /// <param name="options">How it became tokens.</param>
    /// <param name="minCount">How often a token must occur to be in the text's own vocabulary.</param>
    /// <param name="vocabulary">A vocabulary to use, or null for the text's own.</param>
    /// <param name="newTokens">Whether a vocabulary to use gets the tokens that it lacks.</param>
    /// <param name="name">The text's, for messages.</param>
    /// <returns>What was counted, and the id of each number.</returns>
    /// <exception cref="UnrollException">There is no token in the text.</exception>
    public (TextStatistics Statistics, int[] Ids) Count(TextOptions options, int minCount, Vocabulary? vocabulary, bool newTokens, string name)
    {
        if (Seen.Count == 0)
        {
            throw new UnrollException(options.Clean == Cleaning.Textbook
                ? $"Nothing is left of {name} after the textbook's cleaning, which keeps English letters only: choose no cleaning."
                : $"There is nothing in {name}: give a text with something in it.");
        }
        vocabulary = vocabulary is null ? Vocabulary.Order(Seen, Counts, options, minCount, [])
            : newTokens ? vocabulary.With(Seen, Counts, minCount) : vocabulary;
        Tokenization kind = vocabulary.Tokenization;
        int[] ids = new int[Seen.Count];
        long[] counts = new long[vocabulary.Count];
        long tokens = 0, characters = 0, bytes = 0;
        for (int number = 0; number < ids.Length; number++)
        {
            long count = Counts[number];
            ids[number] = vocabulary[Seen[number]];
            counts[ids[number]] += count;
            tokens += count;
            characters += count * kind.CharactersIn(Seen[number]);
            bytes += count * kind.LengthOf(Seen[number]);
        }
        int first = kind.Joiner.Length; // nothing is joined before a text's first token
        return (new TextStatistics(vocabulary, counts, tokens, characters - first, bytes - first), ids);
    }

    /// <summary>Closes the file that the numbers are in, if they are in one.</summary>
    public void Dispose() => Numbers.Dispose();

    /// <summary>The characters and the bytes of the tokens from one position to another.</summary>
    public (long Characters, long Bytes) Lengths(long start, long end, Tokenization kind)
    {
        int[] characters = [.. Seen.Select(kind.CharactersIn)], bytes = [.. Seen.Select(kind.LengthOf)];
        if (!characters.AsSpan().ContainsAnyExcept(1) && !bytes.AsSpan().ContainsAnyExcept(1))
            return (end - start, end - start);
        long charactersSum = 0, bytesSum = 0;
        Span<int> chunk = stackalloc int[1024];
        for (; start < end; start += chunk.Length)
        {
            chunk = chunk[..(int)Math.Min(chunk.Length, end - start)];
            Numbers.Read(start, chunk);
            foreach (int number in chunk)
                (charactersSum, bytesSum) = (charactersSum + characters[number], bytesSum + bytes[number]);
        }
        return (charactersSum, bytesSum);
    }

    /// <summary>How many tokens, from the text's first on, have no more than so many characters.</summary>
    public long Within(long most, long length, Tokenization kind)
    {
        int[] characters = [.. Seen.Select(kind.CharactersIn)];
        Span<int> chunk = stackalloc int[1024];
        for (long start = 0; start < length; start += chunk.Length)
        {
            chunk = chunk[..(int)Math.Min(chunk.Length, length - start)];
            Numbers.Read(start, chunk);
            for (int i = 0; i < chunk.Length; i++)
            {
                most -= characters[chunk[i]];
                if (most < 0)
                    return start + i;
            }
        }
        return length;
    }
}
