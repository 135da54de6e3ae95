// How much of what a model writes it has read before. The generated texts are short and the training text may be long: the former
// become an automaton, the latter is read through it once, from a file or from the model's memory.
using Unroll.Data.Tokens;
using Unroll.Generation;

namespace Unroll;

/// <summary>How much of a generated text stands, token by token, in the text that the model has learned from.</summary>
public sealed record CopyReport
{
    private const int Boundary = -1, Piece = 4096;

    private static readonly int[] Orders = [4, 8, 16, 32];

    private CopyReport()
    {
    }

    /// <summary>Tokens of the training text that were looked through.</summary>
    public required long TrainingTokens { get; init; }

    /// <summary>Of all runs of 4, 8, 16 and 32 tokens in the generated text, the share that stands in the training text; null where
    /// it has no run of that length.</summary>
    public required IReadOnlyList<(int Order, double? Share)> Shares { get; init; }

    /// <summary>Tokens of the longest run that stands in the training text; of equals the first.</summary>
    public required int LongestTokens { get; init; }

    /// <summary>How many tokens of the generated text come before it.</summary>
    public required int LongestStart { get; init; }

    /// <summary>That run as text.</summary>
    public required string Longest { get; init; }

    /// <summary>Compares texts with a training text.</summary>
    /// <param name="texts">Generated texts, each by itself: continuations without their prefixes.</param>
    /// <param name="vocabulary">The model's; tokens that it does not know agree with nothing.</param>
    /// <param name="training">The text that the model has learned from, which is read once, piece by piece.</param>
    /// <param name="progress">Told of tokens read, on the calling thread.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A report for each text, in their order.</returns>
    /// <exception cref="UnrollException">The training text cannot be read.</exception>
    public static IReadOnlyList<CopyReport> Of(
        IReadOnlyList<string> texts, Vocabulary vocabulary, TextSource training, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(training);
        (int[][] ids, SuffixAutomaton automaton) = Prepare(texts, vocabulary);
        using var stream = new TokenStream(training.Read(), vocabulary.Tokenization, new KnownTokens(vocabulary));
        int[] piece = new int[Piece];
        long read = 0;
        for (int count = stream.Read(piece); count > 0; count = stream.Read(piece))
        {
            cancellationToken.ThrowIfCancellationRequested();
            automaton.Read(piece.AsSpan(0, count));
            read += count;
            progress?.Report(read);
        }
        return Reports(ids, automaton, vocabulary, read);
    }

    /// <summary>Compares texts with what the model's memory of counts has kept of its training text.</summary>
    /// <param name="texts">Generated texts, each by itself: continuations without their prefixes.</param>
    /// <param name="model">A model with a memory (<see cref="LanguageModel.HasMemory"/>).</param>
    /// <returns>A report for each text, in their order.</returns>
    /// <exception cref="UnrollException">The model has no memory.</exception>
    public static IReadOnlyList<CopyReport> Of(IReadOnlyList<string> texts, LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.HasMemory)
            throw new UnrollException($"The model has no memory of counts, which would hold its training text: name the files of that text.");
        (int[][] ids, SuffixAutomaton automaton) = Prepare(texts, model.Vocabulary);
        automaton.Read(model.MemoryText);
        return Reports(ids, automaton, model.Vocabulary, model.MemoryTokens);
    }

    private static (int[][] Ids, SuffixAutomaton Automaton) Prepare(IReadOnlyList<string> texts, Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var encoder = new TextEncoder(vocabulary, whole: false);
        int[][] ids = [.. texts.Select(encoder.Encode)];
        // One text behind another, with something between them that stands in no text.
        int[] joined = [.. ids.SelectMany(text => text.Select(id => id == Vocabulary.UnknownId ? Boundary : id).Append(Boundary))];
        return (ids, new SuffixAutomaton(joined));
    }

    private static CopyReport[] Reports(int[][] ids, SuffixAutomaton automaton, Vocabulary vocabulary, long trainingTokens)
    {
        int[] agreements = automaton.Agreements();
        var reports = new CopyReport[ids.Length];
        for (int text = 0, start = 0; text < ids.Length; start += ids[text++].Length + 1)
        {
            int[] own = agreements[start..(start + ids[text].Length)];
            int longest = own.DefaultIfEmpty(0).Max();
            int first = Math.Max(0, Array.IndexOf(own, longest) + 1 - longest);
            reports[text] = new CopyReport
            {
                TrainingTokens = trainingTokens,
                Shares = [.. Orders.Select(order => (order, ShareOf(own, order)))],
                LongestTokens = longest,
                LongestStart = first,
                Longest = vocabulary.Decode(ids[text].Skip(first).Take(longest)),
            };
        }
        return reports;
    }

    private static double? ShareOf(int[] agreements, int order) => agreements.Length < order ? null
        : agreements.Count(agreement => agreement >= order) / (double)(agreements.Length - order + 1);
}
