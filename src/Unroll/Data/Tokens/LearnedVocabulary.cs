// A vocabulary that must be learnt before the text can be split. It is learnt from the text's beginning, of which the part that is kept
// for validation is left out in the same proportion: whatever follows, that is text to train on. What is read for it is kept until the
// text itself is read, since some texts can be read only once. Documents are learned from in the order that the corpus will have.
namespace Unroll.Data.Tokens;

internal static class LearnedVocabulary
{
    /// <summary>Bytes of a text that are learnt from; more would change little.</summary>
    internal const long MostBytes = 16 << 20;

    /// <summary>Learns a text's vocabulary, if its tokens need that.</summary>
    /// <param name="source">The text.</param>
    /// <param name="text">How it becomes tokens.</param>
    /// <param name="options">How large the vocabulary is to be, and what is kept for validation.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The vocabulary, or null where it is counted when the text has been read; and the text, to be read from its beginning.</returns>
    /// <exception cref="UnrollException">The text cannot be read; or a size is asked for, but nothing is to be learnt.</exception>
    public static (Vocabulary? Vocabulary, TextSource Source) Find(TextSource source, TextOptions text, CorpusOptions options, CancellationToken cancellationToken)
    {
        var tokens = Tokenization.Of(text);
        options.Validate();
        OptionsException.Require(tokens.IsLearned || options.VocabularySize is null, nameof(options.VocabularySize),
            $"is for byte pairs, but the text's tokens are {tokens.Plural}: choose byte pairs (bpe) for {new PropertyName(nameof(text.Tokens))}, or leave it out.");
        if (!tokens.IsLearned)
            return (null, source);
        int least = BytePairTable.BaseTokens.Count + tokens.Required.Count;
        OptionsException.Require(options.VocabularySize is null || options.VocabularySize >= least, nameof(options.VocabularySize),
            $"must be at least {least} where a text has documents, not {options.VocabularySize}: the bytes, the unknown token and the one that ends a document.");
        source = source.ReadStart(MostBytes, out IReadOnlyList<ReadOnlyMemory<char>> start, cancellationToken);
        bool documents = text.Documents != DocumentKind.None;
        ReadOnlyMemory<char>[] pieces = documents ? DocumentOrder.Arrange(start, text.Documents)
            : [.. tokens.CleansFirst ? TextbookCleaning.Clean(start, trimEnds: true) : start];
        int mark = documents ? tokens.CharactersIn(Vocabulary.EndToken) : 0;
        long left = (long)(pieces.Sum(piece => Characters(piece.Span) + mark) * (1 - (decimal)options.Validation));
        BytePairLearner learner = tokens.CreateLearner();
        foreach (ReadOnlyMemory<char> piece in pieces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            learner.Add(First(piece.Span, left));
            left -= Math.Min(left, Characters(piece.Span) + mark);
            if (documents)
                learner.End(); // no merge crosses a document's end
        }
        learner.End();
        return (Learn(learner, options.VocabularySize ?? CorpusOptions.UsualVocabulary, text, cancellationToken), source);
    }

    /// <summary>The vocabulary of what has been counted.</summary>
    /// <param name="learner">What has counted it.</param>
    /// <param name="size">Tokens wanted; there are fewer where no pair occurs twice any more.</param>
    /// <param name="text">How texts become tokens.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Vocabulary Learn(BytePairLearner learner, int size, TextOptions text, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> behind = Tokenization.Of(text).Required;
        return new Vocabulary([.. learner.Learn(size - behind.Count, cancellationToken), .. behind], text);
    }

    /// <summary>What to tell about a vocabulary that is smaller than it might be, or null.</summary>
    public static string? Notice(Vocabulary vocabulary, CorpusOptions options)
    {
        int wanted = options.VocabularySize ?? CorpusOptions.UsualVocabulary;
        return vocabulary.Tokenization.IsLearned && vocabulary.Count < wanted
            ? FormattableString.Invariant($"The text fills a vocabulary of {vocabulary.Count} tokens, not {wanted}: after that no pair occurs twice in it.")
            : null;
    }

    private static long Characters(ReadOnlySpan<char> text)
    {
        long count = text.Length;
        foreach (char c in text)
            count -= char.IsLowSurrogate(c) ? 1 : 0;
        return count;
    }

    private static ReadOnlySpan<char> First(ReadOnlySpan<char> text, long characters)
    {
        int end = 0;
        for (; end < text.Length && characters > 0; characters--)
            end += char.IsHighSurrogate(text[end]) ? 2 : 1;
        return text[..end];
    }
}
