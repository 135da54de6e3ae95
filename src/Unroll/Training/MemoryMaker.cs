// What a run adds when its networks are finished: a memory of counts, weighed against them on the text that neither has seen. The
// counting is done before the networks learn, so that what is left for the end of a time budget can be told beforehand.
using Unroll.Counts;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Makes a model's memory of counts.</summary>
internal sealed class MemoryMaker
{
    private readonly Corpus corpus;
    private readonly TokenIds heldBack;
    private readonly int threads;
    private readonly TimeProvider time;
    private readonly CountMemory? earlier;
    private readonly CountMemory learned; // of what the networks learn from
    private readonly CountMemory whole; // and of what was held back

    /// <summary>Counts the text, and before it what a memory knows that the model has from an earlier one: where there is no room for
    /// all, the earlier text's beginning is left out.</summary>
    /// <param name="corpus">The text, of which a part is held back.</param>
    /// <param name="options">How the run learns.</param>
    /// <param name="earlier">The memory that the model begins with, or null.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="time">What tells the time.</param>
    public MemoryMaker(Corpus corpus, TrainingOptions options, CountMemory? earlier, int threads, TimeProvider time)
    {
        (this.corpus, this.earlier, this.threads, this.time, heldBack) = (corpus, earlier, threads, time, corpus.HeldBack!);
        int most = options.MemoryTokens;
        int[] held = new int[(int)Math.Min(heldBack.Length, most)];
        heldBack.Read(0, held);
        int[] text = new int[(int)Math.Min(corpus.Training.Length, most)];
        corpus.Training.Read(corpus.Training.Length - text.Length, text);
        if (earlier is not null)
            text = [.. earlier.Tokens[^Math.Min(earlier.Tokens.Length, most - text.Length)..], .. text];
        CountMemory? both = null;
        int[] all = [.. text, .. held];
        Action countAll = () => both = CountMemory.Count(all, corpus.Vocabulary, most);
        Task? beside = threads == 1 ? null : Task.Run(countAll);
        learned = CountMemory.Count(text, corpus.Vocabulary, most);
        if (beside is null)
            countAll();
        beside?.Wait();
        whole = both!;
    }

    /// <summary>About how long <see cref="Finish"/> will take: parts of it are tried, with networks that have not learned yet.</summary>
    /// <param name="model">The networks.</param>
    /// <param name="budget">The run's time.</param>
    public TimeSpan Estimate(LanguageModel model, TimeSpan budget)
    {
        const double WeightSeconds = 5e-9; // of a fit, for each position and token
        TokenIds fit = heldBack.Slice(0, Math.Min(heldBack.Length, MemoryFit.MostTokens(corpus.Vocabulary.Count)));
        model.Memory = learned;
        try
        {
            double seconds = Try(model, fit, budget) + WeightSeconds * fit.Length * corpus.Vocabulary.Count;
            return TimeSpan.FromSeconds(corpus.Validation is { } validation ? seconds + Try(model, validation, budget) : seconds);
        }
        finally
        {
            model.Memory = null;
        }
    }

    /// <summary>Gives a model of finished networks its memory, and measures both.</summary>
    /// <param name="model">The model.</param>
    /// <param name="summary">What the file says of the networks.</param>
    /// <returns>What it says of the whole.</returns>
    public TrainingSummary Finish(LanguageModel model, TrainingSummary summary)
    {
        model.Memory = whole.With(MemoryFit.Fit(model.WithoutMemory(), learned, corpus.Training, heldBack, threads, earlier));
        if (corpus.Validation is not { } validation)
            return summary;
        using var scorer = new ValidationScorer(model, validation, threads);
        return summary with
        {
            ValidationLoss = scorer.MeanLoss(CancellationToken.None),
            NetworkLoss = summary.NetworkLoss ?? summary.ValidationLoss,
        };
    }

    private double Try(LanguageModel model, TokenIds text, TimeSpan budget)
    {
        const int Trials = 4; // code is slow while it is new
        using var scorer = new ValidationScorer(model, text, threads);
        var clock = new RunClock(time, started: null, checkpointEvery: double.PositiveInfinity, secondsBefore: 0);
        double seconds = 0;
        for (int i = 0; i < Trials; i++)
            seconds = scorer.Estimate(clock, Math.Min(budget.TotalSeconds / 500, 0.2));
        return seconds;
    }
}
