// What a text's counts know, beside a network: a second opinion, made in about a second per megabyte. It keeps the text itself
// (a byte or two a token; counts of long contexts would tell as much of it and take several times the room), and counts it
// again when it is read from a file; the weights, which take longer, are kept.
namespace Unroll.Counts;

/// <summary>Predicts tokens from how often they followed their contexts in a text. Immutable; for any number of readers.</summary>
internal sealed class CountMemory
{
    /// <summary>The most tokens that are counted: of a longer text its end. More would take gigabytes of memory.</summary>
    public const int MaxTokens = 1 << 23;

    /// <summary>Tokens that a prediction depends on.</summary>
    public const int History = Contexts.History;

    private const int TokensBetweenChecks = 1 << 14;

    private readonly Contexts contexts;
    private readonly TextCounts counts;
    private readonly CountWeights weights;
    private readonly int[] tokens;

    private CountMemory(ReadOnlySpan<int> tokens, Vocabulary vocabulary, CountWeights? weights, CancellationToken cancellationToken)
    {
        this.tokens = tokens.ToArray();
        VocabularySize = vocabulary.Count;
        contexts = new Contexts(vocabulary, tokens);
        counts = new TextCounts(contexts, vocabulary.Count);
        this.weights = weights ?? new CountWeights(contexts);
        var reader = new CountReader(contexts, counts, this.weights, adapts: true);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (i % TokensBetweenChecks == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (weights is null)
                reader.Feed(tokens[i]);
            else
                reader.FeedCounting(tokens[i]);
        }
        counts.Update();
    }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>The text that was counted.</summary>
    public ReadOnlySpan<int> Tokens => tokens;

    /// <summary>The bytes of memory that it takes.</summary>
    public long Bytes => counts.Bytes + sizeof(int) * (long)tokens.Length;

    /// <summary>Counts a text and learns the weights, in one pass: each token is predicted from those before it, then counted.</summary>
    /// <param name="text">The text that a model is trained on; its last <paramref name="maxTokens"/> are counted.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="maxTokens">Fewer make a smaller file and memory, and a worse prediction.</param>
    /// <param name="cancellationToken">Stops the counting.</param>
    /// <exception cref="OperationCanceledException">The counting was stopped.</exception>
    public static CountMemory Count(ReadOnlySpan<int> text, Vocabulary vocabulary, int maxTokens = MaxTokens, CancellationToken cancellationToken = default) =>
        new(text[^Math.Min(text.Length, maxTokens)..], vocabulary, weights: null, cancellationToken);

    /// <summary>A place in a text.</summary>
    /// <param name="adapt">Whether it learns from what it reads.</param>
    public CountReader NewReader(bool adapt = false) => adapt
        ? new CountReader(contexts, counts.Branch(), weights.Clone(), adapts: true)
        : new CountReader(contexts, counts, weights, adapts: false);
}
