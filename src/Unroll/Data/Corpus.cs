// A text as ids, ready to be learnt from: its parts and its vocabulary. IdCache knows how it is read and where it is kept.
using Unroll.Data;
using Unroll.Data.Ids;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>A text as ids: a training part, perhaps a validation part, and the vocabulary. A long text's ids are in an open
/// file: dispose of the corpus when its ids are no longer needed.</summary>
public sealed class Corpus : IDisposable
{
    private readonly Lazy<string> fingerprint;
    private readonly IdSegments[] rows; // all that has ids

    private Corpus(
        string name, CorpusOptions options, TextStatistics statistics, NumberedText text, TokenIds training, TokenIds? validation,
        (long Characters, long Bytes) validated, IdSegments? other, Func<string> fingerprint)
    {
        Options = options;
        (Name, Vocabulary, Counts, Characters) = (name, statistics.Vocabulary, statistics.Counts, statistics.Characters);
        long learned = training.Length - (long)(training.Length * (decimal)options.HeldBack);
        (Training, HeldBack) = (training.Slice(0, learned), learned < training.Length ? training.Slice(learned, training.Length - learned) : null);
        (Validation, ValidationCharacters, ValidationBytes) = (validation, validated.Characters, validated.Bytes);
        (CachePath, Notice) = (text.CachePath, text.Notice);
        rows = other is null ? [text.Numbers] : [text.Numbers, other];
        this.fingerprint = new Lazy<string>(fingerprint);
    }

    /// <summary>Which part of the text is used, and for what.</summary>
    public CorpusOptions Options { get; }

    /// <summary>The tokens and their ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The ids to train on.</summary>
    public TokenIds Training { get; }

    /// <summary>The ids between the two that networks do not learn from (<see cref="CorpusOptions.HeldBack"/>), or null.</summary>
    public TokenIds? HeldBack { get; }

    /// <summary>The ids kept back for validation, or null.</summary>
    public TokenIds? Validation { get; }

    /// <summary>The characters (Unicode scalar values, after cleaning) in the validation part; for bits per character. The book's
    /// words count with the space before each.</summary>
    public long ValidationCharacters { get; }

    /// <summary>The validation part's bytes of UTF-8, counted alike; for bits per byte.</summary>
    public long ValidationBytes { get; }

    /// <summary>Characters in the whole text, after cleaning; without those of a validation text of its own.</summary>
    public long Characters { get; }

    /// <summary>How often each id occurs in the whole text, in id order, whatever <see cref="CorpusOptions.MaxTokens"/> leaves of
    /// it; without a validation text of its own.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>A short name for messages.</summary>
    public string Name { get; }

    /// <summary>The file that a long text's ids are kept in, for this run and later ones; null where they are in memory.</summary>
    public string? CachePath { get; }

    /// <summary>Something a person should be told, such as that a damaged cache file was rebuilt; or null.</summary>
    public string? Notice { get; }

    /// <summary>SHA-256 of the text's ids, its parts and the vocabulary, in hexadecimal: a resumed run checks that it reads the same
    /// text. It does not depend on where the ids are kept.</summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Reads a file or a folder.</summary>
    /// <exception cref="UnrollException">The text is missing, unreadable, empty, or too short for its validation part.</exception>
    public static Corpus Load(string path, TextOptions? text = null, CorpusOptions? options = null) =>
        Load(TextSource.FromPaths([path]), text, options);

    /// <summary>Reads a text. The ids of short ones are kept in memory, those of files of 64 MiB or more in a file in the user's
    /// cache folder, where later runs find them.</summary>
    /// <param name="source">The text.</param>
    /// <param name="text">How it becomes tokens; null = as the vocabulary says, or else the defaults.</param>
    /// <param name="options">Which part of it is used; null = all of it, and no validation part.</param>
    /// <param name="validation">A text of its own for validation, instead of the last part.</param>
    /// <param name="vocabulary">A vocabulary to use, instead of building one: as it is, or with further tokens of the text behind its own
    /// (<see cref="CorpusOptions.NewTokens"/>). That of byte pairs is built on the text's first 16 MiB, without the part that is kept for
    /// validation.</param>
    /// <param name="progress">Told of bytes read, on the calling thread; a validation text of its own is counted from 0.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="UnrollException">The text is unreadable, empty, or too short for its validation part; the options
    /// contradict one another; or a long text's ids cannot be kept.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    public static Corpus Load(
        TextSource source, TextOptions? text = null, CorpusOptions? options = null, TextSource? validation = null, Vocabulary? vocabulary = null,
        IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Load(source, text, options, validation, vocabulary, IdCache.Ours, progress, cancellationToken);

    /// <summary>Closes the files that ids are kept in. The training and validation parts can no longer be read, whether they were
    /// in a file or in memory; everything else that the corpus knows remains.</summary>
    public void Dispose() => Array.ForEach(rows, row => row.Dispose());

    internal static Corpus Load(
        TextSource source, TextOptions? text, CorpusOptions? options, TextSource? validation, Vocabulary? vocabulary, IdCache cache,
        IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        text ??= vocabulary?.Text ?? new TextOptions();
        options ??= new CorpusOptions();
        text.Validate();
        options.Validate();
        if (vocabulary is not null && vocabulary.Text != text)
            throw new UnrollException($"The vocabulary is of {Tokenization.Of(vocabulary.Text).Description}, but the text would be read as {Tokenization.Of(text).Description}: choose the same for both.");
        OptionsException.Require(validation is null || options.Validation == 0, nameof(options.Validation),
            $"is given twice: choose either a fraction of the text or a text of its own.");

        Vocabulary? learned = null;
        if (vocabulary is null)
            (learned, source) = LearnedVocabulary.Find(source, text, options, cancellationToken);
        vocabulary ??= learned;
        NumberedText numbered = cache.Read(source, vocabulary?.Tokenization ?? Tokenization.Of(text), progress, cancellationToken);
        if (learned is not null && LearnedVocabulary.Notice(learned, options) is string notice)
            numbered = numbered with { Notice = numbered.Notice is null ? notice : $"{numbered.Notice} {notice}" };
        try
        {
            if (text.Documents != DocumentKind.None)
                numbered = cache.Rewrite(source.Name, numbered, (ordered, writer) => Documents.Shuffle(ordered, writer, cancellationToken));
            return Divide(source.Name, numbered, text, options, validation, vocabulary, cache, progress, cancellationToken);
        }
        catch
        {
            numbered.Dispose();
            throw;
        }
    }

    private static Corpus Divide(
        string name, NumberedText numbered, TextOptions text, CorpusOptions options, TextSource? validation, Vocabulary? vocabulary, IdCache cache,
        IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        (TextStatistics statistics, int[] ids) = numbered.Count(text, options.MinCount, vocabulary, options.NewTokens, name);
        long length = options.MaxTokens == 0 ? numbered.Numbers.Length : Math.Min(options.MaxTokens, numbered.Numbers.Length);
        TokenIds all = new(numbered.Numbers, ids, start: 0, length);
        if (validation is not null)
        {
            (IdSegments other, long characters, long bytes) = cache.ReadValidation(validation, statistics.Vocabulary, progress, cancellationToken);
            return new Corpus(name, options, statistics, numbered, all, new TokenIds(other, map: null, start: 0, other.Length), (characters, bytes), other, () =>
                CorpusFingerprint.Compute(statistics.Vocabulary, ids, numbered.Numbers, length, other.Length, other));
        }

        // In decimal, 1 - 0.9 is 0.1: the split is where a person with paper and pencil puts it, or where the next document begins.
        decimal part = 1 - (decimal)options.Validation;
        Tokenization kind = statistics.Vocabulary.Tokenization;
        // How many tokens a stretch of text has depends on the merges, which were learnt from the training part: it is characters that
        // divide such a text.
        long training = kind.IsLearned && options.Validation != 0
            ? numbered.Within((long)(numbered.Lengths(0, length, kind).Characters * part), length, kind)
            : (long)(length * part);
        if (statistics.Vocabulary.EndId is { } end && options.Validation != 0)
            training = Documents.Next(all, training, end);
        if (options.Validation != 0 && (training < 2 || length - training < 2))
            throw new UnrollException($"{name} has {length} tokens: too few to keep a part of them for validation. Give more text, or set {new PropertyName(nameof(options.Validation))} to 0.");
        TokenIds? last = options.Validation == 0 ? null : all.Slice(training, length - training);
        // Counted by number: ids give all tokens that are left out of the vocabulary the same.
        (long, long) inValidation = last is null ? (0, 0) : numbered.Lengths(training, length, kind);
        return new Corpus(name, options, statistics, numbered, all.Slice(0, training), last, inValidation, other: null, () =>
            CorpusFingerprint.Compute(statistics.Vocabulary, ids, numbered.Numbers, training, length - training, other: null));
    }
}
