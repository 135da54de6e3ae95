using Unroll.Data.Ids;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>What a text consists of.</summary>
/// <param name="Vocabulary">The tokens, ordered.</param>
/// <param name="Counts">How often each occurs, in id order; at 0, the tokens that a least count leaves out.</param>
/// <param name="Tokens">Tokens in the text.</param>
/// <param name="Characters">Unicode scalar values, after cleaning; the book's words count with one space between them.</param>
/// <param name="Bytes">The same text's length in UTF-8.</param>
public sealed record TextStatistics(Vocabulary Vocabulary, IReadOnlyList<long> Counts, long Tokens, long Characters, long Bytes)
{
    /// <summary>Reads a text to its end, keeping counts and none of the text: memory grows with its vocabulary only.</summary>
    /// <param name="source">The text.</param>
    /// <param name="options">How it becomes tokens.</param>
    /// <param name="minCount">Tokens seen less often become the unknown token; bytes and byte pairs never do.</param>
    /// <param name="progress">Told of bytes read, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="vocabularySize">With byte pairs: tokens in the vocabulary that is learnt; null = 4096.</param>
    /// <exception cref="UnrollException">There is no token in it, it is not valid UTF-8, or it cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    public static TextStatistics Measure(
        TextSource source, TextOptions? options = null, int minCount = 0, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default,
        int? vocabularySize = null) =>
        Measure(source, options ?? new TextOptions(), minCount, IdCache.Ours, progress, cancellationToken, vocabularySize);

    internal static TextStatistics Measure(
        TextSource source, TextOptions options, int minCount, IdCache cache, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken,
        int? vocabularySize = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(minCount);
        options.Validate();
        (Vocabulary? vocabulary, source) = LearnedVocabulary.Find(source, options, new CorpusOptions { VocabularySize = vocabularySize }, cancellationToken);
        using NumberedText text = cache.Count(source, vocabulary?.Tokenization ?? Tokenization.Of(options), progress, cancellationToken);
        return text.Count(options, minCount, vocabulary, newTokens: false, source.Name).Statistics;
    }
}
