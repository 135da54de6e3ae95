// How well a model predicts a text that it need not have seen: one pass, the state carried, nothing kept but sums.
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Training;

namespace Unroll;

/// <summary>Measures how well a model predicts a text, the state carried from its first token to its last.</summary>
public static class Evaluator
{
    private const int UnknownTokensNamed = 20;

    /// <summary>Reads a text of any length in bounded memory and scores every token but the first, and that too where a text consists
    /// of documents.</summary>
    /// <param name="model">The model; the text is split and cleaned as its vocabulary says.</param>
    /// <param name="text">The text.</param>
    /// <param name="threads">Threads; 0 = one per core. The result does not depend on it.</param>
    /// <param name="adapt">Whether the model reads along: it learns from every piece of the text once it has been scored (dynamic
    /// evaluation), so that a loss says what a reader who remembers expects. The model itself stays as it is.</param>
    /// <param name="progress">Told, on the calling thread, how many predictions are done; some ten times a second.</param>
    /// <param name="cancellationToken">Ends the measurement with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The text cannot be read or has fewer than two tokens.</exception>
    public static EvaluationResult Evaluate(
        LanguageModel model, TextSource text, int threads = 0, bool adapt = false, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) => Evaluate(model, text, threads, adapt, progress, TimeProvider.System, cancellationToken);

    internal static EvaluationResult Evaluate(
        LanguageModel model, TextSource text, int threads, bool adapt, IProgress<long>? progress, TimeProvider time, CancellationToken cancellationToken, RankGroup? ranks = null) =>
        EvaluateIfAny(model, text, threads, adapt, progress, time, cancellationToken, ranks) ?? throw NothingToMeasure(text);

    /// <summary>What is wrong with a text of fewer than two tokens.</summary>
    internal static UnrollException NothingToMeasure(TextSource text) =>
        new($"There is nothing to measure in {text.Name}: it takes at least two tokens, one to read and one to predict.");

    /// <summary>Whether ranks can share a text: not one that is read in one go, or learnt from.</summary>
    internal static bool IsShared(LanguageModel model, bool adapt) => !adapt && model.Vocabulary.EndId is not null;

    /// <summary>The same; null where the text has fewer than two tokens. Where the model's texts consist of documents, ranks share them,
    /// and each gets the result that one process has, but for the time.</summary>
    internal static EvaluationResult? EvaluateIfAny(
        LanguageModel model, TextSource text, int threads, bool adapt, IProgress<long>? progress, TimeProvider time, CancellationToken cancellationToken, RankGroup? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(text);
        ThreadTeam.CheckAskedFor(threads);
        long started = time.GetTimestamp(), reported = started;
        using var reader = new TokenReader(text, model.Vocabulary);
        bool shares = ranks is not null && IsShared(model, adapt);
        using var scorer = new SequenceScorer(model, threads, adapt, shares);
        using SequenceScorer? network = model.Members.Count > 1 || model.HasMemory ? new SequenceScorer(model.Members[0].WithoutMemory(), threads, adapt, shares) : null;
        int[] ids = new int[1024];

        scorer.Start();
        network?.Start();
        int read = 1;
        if (model.Vocabulary.EndId is { } end)
            ids[0] = end; // nothing comes before a document: its first token is predicted too
        else
            read = reader.Read(ids.AsSpan(0, 1));
        scorer.Add(ids.AsSpan(0, read));
        network?.Add(ids.AsSpan(0, read));
        SharedDocuments? documents = shares ? new SharedDocuments(ranks!, ids[0], network is null ? [scorer] : [scorer, network]) : null;
        reader.ResetTotals(); // what is counted from here on is predicted
        while ((read = reader.Read(ids)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (documents is not null)
                documents.Add(ids.AsSpan(0, read));
            else
            {
                scorer.Add(ids.AsSpan(0, read));
                network?.Add(ids.AsSpan(0, read));
            }
            if (progress is not null && time.GetElapsedTime(reported).TotalSeconds >= 0.1)
            {
                progress.Report(scorer.Count);
                reported = time.GetTimestamp();
            }
        }
        documents?.Finish();
        scorer.Finish();
        network?.Finish();
        if (scorer.Count == 0)
            return null;
        progress?.Report(scorer.Count);
        return new EvaluationResult(
            scorer.Count, reader.Characters, reader.Bytes, reader.Unknown, reader.CommonestUnknown(UnknownTokensNamed),
            scorer.LossSum / scorer.Count, time.GetElapsedTime(started).TotalSeconds)
        {
            NetworkLoss = network?.LossSum / network?.Count,
        };
    }
}
