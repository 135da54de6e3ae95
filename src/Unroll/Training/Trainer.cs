// How a model learns: checks that model, text and options fit, finds what there is to resume, and lets TrainingRun work.
using Unroll.Counts;
using Unroll.Model;
using Unroll.Ranks;
using Unroll.Training;

namespace Unroll;

/// <summary>Trains a model on a corpus by truncated back-propagation through time (d2l 8.5).</summary>
public sealed class Trainer
{
    private readonly LanguageModel model;
    private readonly Corpus corpus;
    private readonly TrainingOptions options;
    private readonly RunOptions run;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model to train, a fresh one or one that goes on (<see cref="LanguageModel.From"/>); its parameters change
    /// in place. A memory that it has is counted on with the text, or goes, as <see cref="TrainingOptions.MemoryTokens"/> says.</param>
    /// <param name="corpus">The text, read with the model's vocabulary.</param>
    /// <param name="options">How to train; null = the defaults.</param>
    /// <param name="run">Where the run is kept and what it may use; null = nowhere, and all cores.</param>
    /// <exception cref="UnrollException">The options do not make a run, or the text does not fit the model.</exception>
    public Trainer(LanguageModel model, Corpus corpus, TrainingOptions? options = null, RunOptions? run = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(corpus);
        (this.model, this.corpus, this.options, this.run) = (model, corpus, options ?? new TrainingOptions(), run ?? new RunOptions());
        this.options.Validate();
        this.run.Validate();
        int ranks = this.run.Ranks?.Count ?? 1;
        OptionsException.Require(this.options.Shards % ranks == 0, nameof(TrainingOptions.Shards),
            $"must be at least {ranks}, the number of ranks, not {this.options.Shards}: each rank has an equal part of them. (One machine makes the same model with as many.)");
        OptionsException.Require(this.options.StateDropout == 0 || model.Members.All(member => Cells.ShapeOf(member.Options).Memory is not null), nameof(TrainingOptions.StateDropout),
            $"must be 0 for a cell without a memory beside its hidden vector: choose lstm or cifg as {new PropertyName(nameof(ModelOptions.Cell))}.");
        if (corpus.Vocabulary != model.Vocabulary && !corpus.Vocabulary.Tokens.SequenceEqual(model.Vocabulary.Tokens))
            throw new UnrollException($"The model does not know the tokens of {corpus.Name}: read the text with the model's own vocabulary.");
        if (model.Origin is not null && corpus.Counts[Vocabulary.UnknownId] == corpus.Counts.Sum())
            throw new UnrollException(
                $"The model knows none of the tokens of {corpus.Name}, so there is nothing to go on with: set {new PropertyName(nameof(CorpusOptions.NewTokens))}, or train a model of its own.");
        if (corpus.Validation is { Length: < 2 } validation)
            throw new UnrollException(
                $"The validation text has {validation.Length} tokens, and it takes at least 2 to measure a loss: give it more text, or set {new PropertyName(nameof(CorpusOptions.Validation))} to 0.");
        OptionsException.Require(this.options.Patience == 0 || corpus.Validation is not null, nameof(TrainingOptions.Patience),
            $"needs a text to measure on: set {new PropertyName(nameof(CorpusOptions.Validation))}, or {new PropertyName(nameof(TrainingOptions.Patience))} to 0.");
        OptionsException.Require(this.options.Schedule != Schedule.Plateau || corpus.Validation is not null, nameof(TrainingOptions.Schedule),
            $"of plateau needs a text to measure on: set {new PropertyName(nameof(CorpusOptions.Validation))}, or another {new PropertyName(nameof(TrainingOptions.Schedule))}.");
        EngineMemory.Check(() => RunMemory.Bytes(model, this.options, this.run, corpus.Validation?.Length ?? 0));
        OptionsException.Require(this.options.SoftmaxSample == 0 || model.Members.All(member => member.Options.AdaptiveSoftmax == 0), nameof(TrainingOptions.SoftmaxSample),
            $"does not go with an adaptive softmax, which needs no sample: set one of the two to 0.");
        OptionsException.Require(this.options.SoftmaxSample == 0 || model.Members.All(member => member.Options.OutputNgrams == 0), nameof(TrainingOptions.SoftmaxSample),
            $"must be 0 where n-grams have logits: these are of all tokens.");
        OptionsException.Require(this.options.MemoryTokens == 0 || corpus.HeldBack is { Length: >= 2 }, nameof(TrainingOptions.MemoryTokens),
            $"needs a part of the text that no network learns from: set {new PropertyName(nameof(CorpusOptions.HeldBack))} to 0.01, for example.");
        // The text's length is looked at here, before anything has begun.
        _ = new WindowStream(corpus.Training, this.options.Batch, this.options.SequenceLength, this.options.WindowOrder, this.options.Seed);
    }

    /// <summary>What the caller adds to the run.</summary>
    internal RunCaller Caller { get; set; } = new();

    /// <summary>Trains. The model's parameters are the result: with a validation text, those that did best on it. Of a model of
    /// several networks each learns as if it were alone, the first with the options' seed and each other with the number after the
    /// seed of the one before; with several threads they learn side by side, and on several ranks by turns.</summary>
    /// <param name="progress">Told synchronously, on the calling thread; it may sample from the model, but from one of several
    /// networks at an epoch's end or after a measurement only, when all of them stand still.</param>
    /// <param name="cancellationToken">Finishes the step, saves (where there is a place) and returns with <c>Completed</c> false. It throws
    /// no <see cref="OperationCanceledException"/>, as everything else does: the work so far is a result, which can be used and resumed.</param>
    /// <exception cref="TrainingDivergedException">The run diverges; the last good model is kept.</exception>
    /// <exception cref="UnrollException">The run's file cannot be read or written, or the run to resume is another one.</exception>
    public TrainingResult Run(IProgress<TrainingReport>? progress = null, CancellationToken cancellationToken = default)
    {
        // Networks learn without a memory, and get it back if they do not come to the end.
        CountMemory? earlier = model.Memory;
        model.Memory = null;
        bool completed = false;
        try
        {
            TrainingResult result = Run(options.MemoryTokens > 0 ? earlier : null, progress, cancellationToken);
            completed = result.Completed;
            return result;
        }
        finally
        {
            if (!completed)
                model.Memory = earlier;
        }
    }

    private TrainingResult Run(CountMemory? earlier, IProgress<TrainingReport>? progress, CancellationToken cancellationToken)
    {
        var identity = new RunIdentity(model, corpus, options);
        identity.RequireSame(run.Ranks);
        Checkpoint? checkpoint = null;
        TrainingResult? finished = null;
        string? notice = null;
        if (run is { Resume: true, Out: { } path } && run.Ranks.IsFirst())
        {
            if (!Path.Exists(path))
            {
                notice = $"There is no '{path}' to resume: the run starts afresh.";
            }
            else
            {
                CheckpointMetadata found = Checkpoint.ReadMetadata(path);
                if (!found.UnderWay)
                {
                    finished = AlreadyFinished(found, identity);
                }
                else
                {
                    RequireSameRun(found, identity);
                    checkpoint = Checkpoint.Read(path);
                    notice = $"The run in '{path}' goes on after {found.Summary!.Updates:0} updates.";
                }
            }
        }
        if (run.Ranks.Decide(finished is not null))
            return finished ?? new TrainingResult(identity.Summary, Completed: true, Resumed: true, Seconds: 0, TokensPerSecond: 0);
        RunCaller caller = Caller;
        // What is counted beside the networks is counted where the file is written.
        if (options.MemoryTokens > 0 && run.Ranks.IsFirst())
        {
            var memory = new MemoryMaker(corpus, options, earlier, run.Threads, caller.Time);
            TimeSpan closing = options.Budget is { } budget ? memory.Estimate(model, budget) : TimeSpan.Zero;
            caller = caller with { Afterwards = caller.Afterwards + closing, Finishing = summary => memory.Finish(model, summary) };
        }
        caller = caller with { Afterwards = TimeSpan.FromSeconds(run.Ranks.Decide(caller.Afterwards.TotalSeconds)) };
        RunPlace? place = run.Out is { } file ? RunPlace.File(file, earlier, Caller.BeforeFirstWrite) : null;
        if (model.Members.Count > 1)
        {
            using var networks = new MembersRun(model, corpus, options, run, identity, checkpoint, notice, caller, place);
            return networks.Run(progress, cancellationToken) with { Notice = notice };
        }
        using var training = new TrainingRun(model, corpus, options, run, identity, checkpoint, notice, caller, place);
        foreach (TrainingReport report in training.Learn(cancellationToken))
            progress?.Report(report);
        return training.Result! with { Notice = notice };
    }

    private void RequireSameRun(CheckpointMetadata file, RunIdentity identity)
    {
        if (!file.CanBeResumed)
            throw new UnrollException(
                $"The run in '{run.Out}' was begun by Unroll 0.1, whose results differ from this version's in their last bits, and cannot be resumed: run without {Name(nameof(run.Resume))} to start over.");
        IReadOnlyList<Sentence> differences = identity.Differences(file);
        if (differences.Count > 0)
            throw new UnrollException(
                $"The run in '{run.Out}' is another one: {differences}. Give its own options to go on with it, or run without {Name(nameof(run.Resume))} to start over.");
    }

    // A finished model has nothing to go on with. If this very run made it, it is the result; if not, it is not thrown away.
    private TrainingResult AlreadyFinished(CheckpointMetadata file, RunIdentity identity)
    {
        IReadOnlyList<Sentence> differences = identity.Differences(file);
        TrainingSummary? summary = file.Summary;
        if (differences.Count == 0 && options is { Budget: null, Patience: 0 }
            && (options.Updates > 0 ? summary!.Updates < options.Updates : summary!.Epochs < options.Epochs))
            differences = [$"its loss ran away before the end"];
        if (differences.Count > 0)
            throw new UnrollException(
                $"There is no unfinished run in '{run.Out}' but the model of another one: {differences}. Choose another {Name(nameof(run.Out))}, or run without {Name(nameof(run.Resume))} to replace it.");
        LanguageModel kept = Checkpoint.Read(run.Out!).Model;
        model.Memory = kept.Memory;
        foreach ((LanguageModel finished, LanguageModel own) in kept.Members.Zip(model.Members))
            finished.Parameters.Values.CopyTo(own.Parameters.Values);
        return new TrainingResult(summary!, Completed: true, Resumed: true, Seconds: 0, TokensPerSecond: 0)
        {
            Notice = $"The run in '{run.Out}' is finished already: there was nothing left to do.",
        };
    }

    private static PropertyName Name(string property) => new(property);
}
