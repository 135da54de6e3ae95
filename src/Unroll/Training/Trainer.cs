// How a model learns: checks that model, text and options fit, finds what there is to resume, and lets TrainingRun work.
using Unroll.Training;

namespace Unroll;

/// <summary>Trains a model on a corpus by truncated back-propagation through time (d2l 8.5).</summary>
public sealed class Trainer
{
    private readonly LanguageModel model;
    private readonly Corpus corpus;
    private readonly TrainingOptions options;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model to train; its parameters change in place.</param>
    /// <param name="corpus">The text, read with the model's vocabulary.</param>
    /// <param name="options">How to train; null = the defaults.</param>
    /// <exception cref="UnrollException">The options do not make a run, or the text does not fit the model.</exception>
    public Trainer(LanguageModel model, Corpus corpus, TrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(corpus);
        (this.model, this.corpus, this.options) = (model, corpus, options ?? new TrainingOptions());
        this.options.Validate();
        if (corpus.Vocabulary != model.Vocabulary && !corpus.Vocabulary.Tokens.SequenceEqual(model.Vocabulary.Tokens))
            throw new UnrollException($"The model does not know the tokens of {corpus.Name}: read the text with the model's own vocabulary.");
        if (corpus.Validation is { Length: < 2 } validation)
            throw new UnrollException(
                $"The validation text has {validation.Length} tokens, and it takes at least 2 to measure a loss: give it more with --validation, or 0 for none.");
        // The text's length is looked at here, before anything has begun.
        _ = new WindowStream(corpus.Training, this.options.Batch, this.options.SequenceLength, this.options.WindowOrder, this.options.Seed);
    }

    /// <summary>Called once, immediately before the run writes its file for the first time.</summary>
    internal Action? BeforeFirstWrite { get; set; }

    /// <summary>Trains. The model's parameters are the result: with a validation text, those that did best on it.</summary>
    /// <param name="progress">Told synchronously, on the calling thread; it may sample from the model.</param>
    /// <param name="cancellationToken">Finishes the step, saves (where there is a place) and returns with <c>Completed</c> false.</param>
    /// <exception cref="UnrollException">The run diverges (the last good model is kept), its file cannot be read or written,
    /// or the run to resume is another one.</exception>
    public TrainingResult Run(IProgress<TrainingReport>? progress = null, CancellationToken cancellationToken = default)
    {
        var identity = new RunIdentity(model, corpus, options);
        Checkpoint? checkpoint = null;
        string? notice = null;
        if (options is { Resume: true, Out: { } path })
        {
            checkpoint = Path.Exists(path) ? Checkpoint.Read(path) : null;
            notice = checkpoint is null ? $"There is no '{path}' to resume: the run starts afresh." : null;
        }

        if (checkpoint is { Training: null })
            return AlreadyFinished(checkpoint, identity);
        if (checkpoint is not null)
        {
            RequireSameRun(checkpoint, identity);
            notice = $"The run in '{options.Out}' goes on after {checkpoint.Summary!.Updates:0} updates.";
        }
        using var run = new TrainingRun(model, corpus, options, identity, checkpoint, notice, BeforeFirstWrite);
        return run.Run(progress, cancellationToken);
    }

    private void RequireSameRun(Checkpoint checkpoint, RunIdentity identity)
    {
        IReadOnlyList<string> differences = identity.Differences(checkpoint);
        if (differences.Count > 0)
            throw new UnrollException(
                $"The run in '{options.Out}' is another one: {string.Join("; ", differences)}. "
                + "Give its own options to go on with it, or leave --resume away to start afresh.");
    }

    // A finished model has nothing to go on with. If this very run made it, it is the result; if not, it is not thrown away.
    private TrainingResult AlreadyFinished(Checkpoint checkpoint, RunIdentity identity)
    {
        IReadOnlyList<string> differences = identity.Differences(checkpoint);
        TrainingSummary? summary = checkpoint.Summary;
        if (differences.Count == 0 && options.Budget is null
            && (options.Updates > 0 ? summary!.Updates < options.Updates : summary!.Epochs < options.Epochs))
            differences = ["its loss ran away before the end"];
        if (differences.Count > 0)
            throw new UnrollException(
                $"There is no unfinished run in '{options.Out}' but the model of another one: {string.Join("; ", differences)}. "
                + "Give another --out, or leave --resume away to replace it.");
        checkpoint.Model.Parameters.Values.CopyTo(model.Parameters.Values);
        return new TrainingResult(summary!, Completed: true, Resumed: true, Seconds: 0, TokensPerSecond: 0)
        {
            Notice = $"The run in '{options.Out}' is finished already: there was nothing left to do.",
        };
    }
}
