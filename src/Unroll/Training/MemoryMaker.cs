// What a run adds when its networks are finished: a memory of counts, weighed against them on the text that neither has seen. The
// counting is done before the networks learn, so that what is left for the end of a time budget can be told beforehand.
using Unroll.Counts;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Makes a model's memory of counts.</summary>
internal sealed class MemoryMaker
{
    // What weights are found on: more tells them no better, and takes time.
    private const int MostFitTokens = 10_000;

    private const int ProbeTokens = 2000;

    private readonly Corpus corpus;
    private readonly TokenIds heldBack;
    private readonly int threads;
    private readonly CountMemory learned; // of what the networks learn from
    private readonly CountMemory whole; // and of what was held back
    private readonly double secondsPerToken;

    /// <summary>Counts the text.</summary>
    /// <param name="corpus">The text, of which a part is held back.</param>
    /// <param name="options">How the run learns.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="time">What tells the time.</param>
    public MemoryMaker(Corpus corpus, TrainingOptions options, int threads, TimeProvider time)
    {
        (this.corpus, this.threads, heldBack) = (corpus, threads, corpus.HeldBack!);
        int most = options.MemoryTokens;
        int[] held = new int[(int)Math.Min(heldBack.Length, most)];
        heldBack.Read(0, held);
        int[] text = new int[(int)Math.Min(corpus.Training.Length, most)];
        corpus.Training.Read(corpus.Training.Length - text.Length, text);
        CountMemory? both = null;
        int[] all = [.. text, .. held];
        Action countAll = () => both = CountMemory.Count(all, corpus.Vocabulary, most);
        Task? beside = threads == 1 ? null : Task.Run(countAll);
        learned = CountMemory.Count(text, corpus.Vocabulary, most);
        if (beside is null)
            countAll();
        beside?.Wait();
        whole = both!;
        secondsPerToken = Probe(held, time);
    }

    /// <summary>About how long <see cref="Finish"/> will take.</summary>
    /// <param name="model">The networks.</param>
    public TimeSpan Estimate(LanguageModel model)
    {
        // A stream of one row reads a network's weights for every token, some thousand million numbers a second.
        double networks = model.Members.Sum(member => (double)member.Parameters.DenseCount) * MostFitTokens / 4e9;
        return TimeSpan.FromSeconds(0.2 + networks + secondsPerToken * (MostFitTokens + (corpus.Validation?.Length ?? 0)));
    }

    /// <summary>Gives a model of finished networks its memory, and measures both.</summary>
    /// <param name="model">The model.</param>
    /// <param name="summary">What the file says of the networks.</param>
    /// <returns>What it says of the whole.</returns>
    public TrainingSummary Finish(LanguageModel model, TrainingSummary summary)
    {
        TokenIds fit = heldBack.Length > MostFitTokens ? heldBack.Slice(0, MostFitTokens) : heldBack;
        model.Memory = whole.With(MemoryFit.Fit(model.WithoutMemory(), learned, corpus.Training, fit, threads));
        if (corpus.Validation is not { } validation)
            return summary;
        using var scorer = new ValidationScorer(model, validation, threads);
        return summary with
        {
            ValidationLoss = scorer.MeanLoss(CancellationToken.None),
            NetworkLoss = summary.NetworkLoss ?? summary.ValidationLoss,
        };
    }

    private double Probe(ReadOnlySpan<int> text, TimeProvider time)
    {
        text = text[..Math.Min(text.Length, ProbeTokens)];
        CountReader reader = learned.NewReader();
        float[] network = new float[corpus.Vocabulary.Count], said = new float[network.Length];
        var blend = new CountBlend(network.Length);
        long started = time.GetTimestamp();
        foreach (int token in text)
        {
            reader.Feed(token);
            reader.LogProbabilities(said);
            blend.Mix(network, said, reader.Confidence, network);
        }
        return time.GetElapsedTime(started).TotalSeconds / text.Length;
    }
}
