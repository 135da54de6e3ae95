// A text as ids, in memory, ready to be learnt from. The source is read once from its beginning to its end (standard input
// cannot be read twice), so ids are given in first-seen order and renumbered when all counts are known.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Unroll.Data;

/// <summary>A text as ids: a training part, perhaps a validation part, and the vocabulary.</summary>
public sealed class Corpus
{
    private readonly Lazy<string> fingerprint;

    private Corpus(string name, TextStatistics statistics, TokenIds training, TokenIds? validation, long validationCharacters)
    {
        (Name, Vocabulary, Counts, Characters) = (name, statistics.Vocabulary, statistics.Counts, statistics.Characters);
        (Training, Validation, ValidationCharacters) = (training, validation, validationCharacters);
        fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    /// <summary>The tokens and their ids.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The ids to train on.</summary>
    public TokenIds Training { get; }

    /// <summary>The ids kept back for validation, or null.</summary>
    public TokenIds? Validation { get; }

    /// <summary>The characters (Unicode scalar values, after cleaning) in the validation part; for bits per character. The book's
    /// words count with the space before each.</summary>
    public long ValidationCharacters { get; }

    /// <summary>Characters in the whole text, after cleaning; without those of a validation text of its own.</summary>
    public long Characters { get; }

    /// <summary>How often each id occurs in the whole text, in id order, whatever <see cref="TextOptions.MaxTokens"/> leaves of
    /// it; without a validation text of its own.</summary>
    public IReadOnlyList<long> Counts { get; }

    /// <summary>A short name for messages.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the ids (training and validation) and the vocabulary, in hexadecimal: a resumed run checks that it reads the same text.</summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Reads a file or a folder.</summary>
    /// <exception cref="UnrollException">The text is missing, unreadable, empty, or too short for its validation part.</exception>
    public static Corpus Load(string path, TextOptions? options = null) => Load(TextSource.FromPaths([path]), options);

    /// <summary>Reads a text.</summary>
    /// <param name="source">The text.</param>
    /// <param name="options">How it becomes tokens.</param>
    /// <param name="validation">A text of its own for validation, instead of the last part.</param>
    /// <param name="vocabulary">A vocabulary to use as it is, instead of building one.</param>
    /// <exception cref="UnrollException">The text is unreadable, empty, or too short for its validation part; or the options
    /// contradict one another.</exception>
    public static Corpus Load(TextSource source, TextOptions? options = null, TextSource? validation = null, Vocabulary? vocabulary = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= vocabulary?.Text ?? new TextOptions();
        options.Check();
        if (vocabulary is not null && (vocabulary.Text.Tokens, vocabulary.Text.Clean) != (options.Tokens, options.Clean))
            throw new UnrollException($"The vocabulary holds {Describe(vocabulary.Text)}, and the text is to be read as {Describe(options)}: choose the same for both.");
        if (validation is not null && options.Validation != 0)
            throw new UnrollException("Validation is asked for twice: give either a fraction of the text or a text of its own.");

        var list = new TokenIdList();
        long limit = options.MaxTokens == 0 ? long.MaxValue : options.MaxTokens;
        (TextStatistics statistics, IReadOnlyList<string> seen, int[] ids) = TextStatistics.Read(
            source, options, vocabulary, chunk => list.Append(chunk[..(int)Math.Min(chunk.Length, limit - list.Length)]));
        if (validation is not null)
        {
            list.Map(ids);
            (TokenIds other, long characters) = ReadValidation(validation, statistics.Vocabulary);
            return new Corpus(source.Name, statistics, list.ToTokenIds(), other, characters);
        }
        if (options.Validation == 0)
        {
            list.Map(ids);
            return new Corpus(source.Name, statistics, list.ToTokenIds(), validation: null, validationCharacters: 0);
        }

        // In decimal, 1 - 0.9 is 0.1: the split is where a person with paper and pencil puts it.
        long training = (long)(list.Length * (1 - (decimal)options.Validation));
        if (training < 2 || list.Length - training < 2)
            throw new UnrollException($"{source.Name} has {list.Length} tokens: too few to keep a part of them for validation. Give more text, or validate on none.");
        // Counted before renumbering, which gives all tokens that are left out of the vocabulary the same id.
        long inValidation = list.Sum(training, [0, .. seen.Select(token => CharactersOf(token, options))]);
        list.Map(ids);
        TokenIds all = list.ToTokenIds();
        return new Corpus(source.Name, statistics, all.Slice(0, training), all.Slice(training, all.Length - training), inValidation);
    }

    private static (TokenIds Ids, long Characters) ReadValidation(TextSource source, Vocabulary vocabulary)
    {
        using var reader = new TokenReader(source, vocabulary);
        var list = new TokenIdList();
        int[] chunk = new int[4096];
        for (int count = reader.Read(chunk); count > 0; count = reader.Read(chunk))
            list.Append(chunk.AsSpan(0, count));
        if (list.Length < 2)
            throw new UnrollException($"{source.Name} is too short to validate on: it has {list.Length} of the 2 tokens that one prediction needs.");
        return (list.ToTokenIds(), reader.Characters);
    }

    private static int CharactersOf(string token, TextOptions text) => text switch
    {
        { Tokens: TokenKind.Byte } => ByteToken.BeginsCharacter(ByteToken.Value(token)) ? 1 : 0,
        { Tokens: TokenKind.Word, Clean: Cleaning.Textbook } => token.Length + 1, // and the space before it
        _ => token.EnumerateRunes().Count(),
    };

    private static string Describe(TextOptions text) =>
        text.Tokens.ToString().ToLowerInvariant() + "s" + (text.Clean == Cleaning.Textbook ? " after the textbook's cleaning" : " without cleaning");

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, Vocabulary.Count);
        foreach (string token in Vocabulary.Tokens)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(token);
            AppendNumber(hash, bytes.Length);
            hash.AppendData(bytes);
        }
        AppendIds(hash, Training);
        AppendNumber(hash, Validation is null ? 0 : 1);
        if (Validation is not null)
            AppendIds(hash, Validation);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendIds(IncrementalHash hash, TokenIds ids)
    {
        AppendNumber(hash, ids.Length);
        int[] chunk = new int[4096];
        byte[] bytes = new byte[chunk.Length * sizeof(int)];
        for (long start = 0; start < ids.Length; start += chunk.Length)
        {
            Span<int> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, ids.Length - start));
            ids.Read(start, part);
            for (int i = 0; i < part.Length; i++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), part[i]);
            hash.AppendData(bytes, 0, part.Length * sizeof(int));
        }
    }

    private static void AppendNumber(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
