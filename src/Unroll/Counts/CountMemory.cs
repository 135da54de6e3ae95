// What a text's counts know, beside a network: a second opinion, made in about a second per megabyte. It keeps the text itself
// (a byte or two a token; counts of long contexts would tell as much of it and take several times the room), and counts it
// again when it is read from a file; the weights, which take longer, are kept.
namespace Unroll.Counts;

/// <summary>Predicts tokens from how often they followed their contexts in a text. Immutable; for any number of readers.</summary>
internal sealed class CountMemory
{
    /// <summary>The most tokens that are counted: of a longer text its end. More would take gigabytes of memory.</summary>
    public const int MaxTokens = TrainingOptions.MostMemoryTokens;

    /// <summary>Tokens that a prediction depends on.</summary>
    public const int History = Contexts.History;

    private const int TokensBetweenChecks = 1 << 14;

    // Weights learn all along, since what a count is worth shows at the next, but from a part of the text: from all of its last
    // quarter million tokens and before that from one block of several. That costs 0.002 nats on a megabyte and saves half the time.
    private const int AllLearned = 1 << 18, Block = 1 << 10, LeastStride = 4, MostBlocks = 1 << 10;

    private readonly Contexts contexts;
    private readonly TextCounts counts;
    private readonly int[] tokens;
    private readonly float[] mixture;

    private CountMemory(int[] tokens, int vocabulary, Contexts contexts, CountWeights weights, bool learn, CancellationToken cancellationToken)
    {
        (this.tokens, VocabularySize, this.contexts, Weights) = (tokens, vocabulary, contexts, weights);
        mixture = new CountBlend(vocabulary).Weights.ToArray();
        counts = new TextCounts(contexts, vocabulary);
        var reader = new CountReader(contexts, counts, weights, adapts: true);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (i % TokensBetweenChecks == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (learn && LearnsAt(i, tokens.Length))
                reader.Feed(tokens[i]);
            else
                reader.FeedCounting(tokens[i]);
        }
        counts.Update();
    }

    private CountMemory(CountMemory other, ReadOnlySpan<float> mixture)
    {
        (tokens, VocabularySize, contexts, counts, Weights) = (other.tokens, other.VocabularySize, other.contexts, other.counts, other.Weights);
        this.mixture = mixture.ToArray();
    }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that ends a document, before which no context reaches; null where a text has none.</summary>
    public int? EndId => contexts.EndId;

    /// <summary>The text that was counted.</summary>
    public ReadOnlySpan<int> Tokens => tokens;

    /// <summary>What the contexts weigh; to be left as they are.</summary>
    public CountWeights Weights { get; }

    /// <summary>The weights of a <see cref="CountBlend"/> with a network.</summary>
    public ReadOnlySpan<float> Mixture => mixture;

    /// <summary>The bytes of memory that it takes.</summary>
    public long Bytes => counts.Bytes + sizeof(int) * (long)tokens.Length;

    /// <summary>Counts a text and learns the weights, in one pass: each token is predicted from those before it, then counted.</summary>
    /// <param name="text">The text that a model is trained on; its last <paramref name="maxTokens"/> are counted.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="maxTokens">Fewer make a smaller file and memory, and a worse prediction.</param>
    /// <param name="cancellationToken">Stops the counting.</param>
    /// <exception cref="OperationCanceledException">The counting was stopped.</exception>
    public static CountMemory Count(ReadOnlySpan<int> text, Vocabulary vocabulary, int maxTokens = MaxTokens, CancellationToken cancellationToken = default)
    {
        int[] tokens = text[^Math.Min(text.Length, Math.Min(maxTokens, MaxTokens))..].ToArray();
        var contexts = new Contexts(vocabulary, tokens);
        return new CountMemory(tokens, vocabulary.Count, contexts, new CountWeights(contexts), learn: true, cancellationToken);
    }

    /// <summary>The memory of a text whose weights are known: it is counted, which takes a fraction of the time.</summary>
    /// <param name="tokens">[at most <see cref="MaxTokens"/>] ids of the vocabulary.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="weights">The weights, finite.</param>
    /// <param name="squares">How far they have learned, finite.</param>
    /// <param name="cancellationToken">Stops the counting.</param>
    /// <exception cref="UnrollException">There are more weights, or fewer, than such a text's memory has.</exception>
    public static CountMemory Restore(int[] tokens, Vocabulary vocabulary, float[] weights, float[] squares, CancellationToken cancellationToken = default)
    {
        var contexts = new Contexts(vocabulary, tokens);
        int wanted = contexts.Levels * CountWeights.PerLevel;
        if (weights.Length != wanted || squares.Length != wanted)
            throw CountTensors.Damaged($"it has {weights.Length} weights and {squares.Length} squares, but its text wants {wanted}");
        return new CountMemory(tokens, vocabulary.Count, contexts, new CountWeights(weights, squares), learn: false, cancellationToken);
    }

    private static bool LearnsAt(int position, int length)
    {
        int stride = Math.Max(LeastStride, length / Block / MostBlocks);
        return length - position <= AllLearned || position / Block % stride == 0;
    }

    /// <summary>The same memory, mixed with a network in another way.</summary>
    public CountMemory With(CountBlend blend) => new(this, blend.Weights);

    /// <summary>The same memory for a vocabulary with more tokens behind its own: the same text, counted anew.</summary>
    public CountMemory Among(Vocabulary tokens) => tokens.Count == VocabularySize ? this
        : Restore(this.tokens, tokens, Weights.Values, Weights.Squares).With(new CountBlend(tokens.Count, mixture));

    /// <summary>A place in a text.</summary>
    /// <param name="adapt">Whether it learns from what it reads.</param>
    public CountReader NewReader(bool adapt = false) => adapt
        ? new CountReader(contexts, counts.Branch(), Weights.Clone(), adapts: true)
        : new CountReader(contexts, counts, Weights, adapts: false);
}
