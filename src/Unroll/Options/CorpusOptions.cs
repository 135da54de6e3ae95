using Unroll.Options;

namespace Unroll;

/// <summary>Which part of a text is used, and for what. Every property has a default.</summary>
public sealed record CorpusOptions
{
    /// <summary>The fewest and the most tokens of a vocabulary that is learnt, and how many there are where nobody says.</summary>
    internal const int LeastVocabulary = 257, MostVocabulary = 65_536, UsualVocabulary = 4096;

    /// <summary>Use only the first so many tokens (0 = all). The vocabulary is built on the whole text all the same, as in the book.</summary>
    public long MaxTokens { get; init; }

    /// <summary>Tokens seen less often become the unknown token; bytes and byte pairs never do. A vocabulary that is given keeps its own all the
    /// same.</summary>
    public int MinCount { get; init; }

    /// <summary>Whether a vocabulary that is given gets the tokens of the text that it lacks, behind its own (but for those that
    /// <see cref="MinCount"/> leaves out). Otherwise they become the unknown token.</summary>
    public bool NewTokens { get; init; }

    /// <summary>With byte pairs: tokens in the vocabulary that is learnt, 257 (of a text with documents 258) to 65536; null = 4096. There
    /// are fewer where the text has no pair twice any more. A vocabulary that is given stays as it is.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>The fraction of the tokens, taken from the end, that is kept for validation; of byte pairs, the fraction of the
    /// characters; 0 ≤ f &lt; 1.</summary>
    public double Validation { get; init; }

    /// <summary>The fraction of the rest, taken from its end, that no network learns from, so that a memory of counts and the networks
    /// can be weighed against each other on it; 0 ≤ f &lt; 1.</summary>
    public double HeldBack { get; init; }

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(MaxTokens >= 0, nameof(MaxTokens), $"must be at least 1 (or 0 for all tokens), not {MaxTokens}.");
        OptionsException.Require(MinCount >= 0, nameof(MinCount), $"must be at least 1 (or 0 to keep every token), not {MinCount}.");
        OptionsException.Require(VocabularySize is null or >= LeastVocabulary and <= MostVocabulary, nameof(VocabularySize),
            $"must be from {LeastVocabulary} (the bytes and the unknown token) to {MostVocabulary}, not {VocabularySize}.");
        OptionsException.Require(Validation is >= 0 and < 1, nameof(Validation), $"must be a fraction of at least 0 (none) and less than 1, not {Validation}.");
        OptionsException.Require(HeldBack is >= 0 and < 1, nameof(HeldBack), $"must be a fraction of at least 0 (none) and less than 1, not {HeldBack}.");
    }

    internal static CorpusOptions Pass(CorpusOptions corpus, OptionsPass pass) => new()
    {
        MaxTokens = pass.Whole("maxTokens", nameof(MaxTokens), corpus.MaxTokens),
        MinCount = pass.Count("minCount", nameof(MinCount), corpus.MinCount),
        VocabularySize = pass.Count("vocabulary", nameof(VocabularySize), corpus.VocabularySize),
        Validation = pass.Number("validation", nameof(Validation), corpus.Validation),
        HeldBack = pass.Number("heldBack", nameof(HeldBack), corpus.HeldBack),
        NewTokens = pass.Truth("newTokens", nameof(NewTokens), corpus.NewTokens),
    };
}
