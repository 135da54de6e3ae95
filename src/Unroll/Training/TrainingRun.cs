// One run: minibatch after minibatch, until the plan is fulfilled or somebody cancels. Whatever the loop does next depends
// on the RunState alone, so a run that stops anywhere and goes on from its file makes the same updates as one that never
// stopped. Refuses to know file formats (RunFile) and clocks (RunClock).
using Unroll.Checkpoints;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>The training loop.</summary>
internal sealed class TrainingRun : IDisposable
{
    // Squares of larger gradients, which Adam keeps, would not fit into a float.
    private const double LargestNorm = 1e18;

    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly string? outFile;
    private readonly RunIdentity identity;
    private readonly TokenIds? validation;
    private readonly WindowStream stream;
    private readonly Engine engine;
    private readonly Optimizer optimizer;
    private readonly SequenceScorer? scorer;
    private readonly RunFile? file;
    private readonly KeptModel kept;
    private readonly RecurrentState carried;
    private readonly RunState state;
    private readonly RunClock clock;
    private readonly int[] inputs; // [T, B]
    private readonly int[] targets; // [T, B]
    private readonly double uniformLoss;
    private readonly long measureEvery;
    private readonly string? notice;

    private WindowEpoch epoch;
    private double learningRate;
    private double gradientNorm;
    private bool budgetSpent;
    private bool savedSinceReport;
    private bool noticeTold;

    /// <param name="model">The model that learns.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="options">How.</param>
    /// <param name="run">Where it is kept and what it may use.</param>
    /// <param name="identity">The same three, as a file tells them.</param>
    /// <param name="checkpoint">The run to go on with, or null.</param>
    /// <param name="notice">What listeners should be told first.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="beforeFirstWrite">Called once, before the file is written for the first time.</param>
    public TrainingRun(
        LanguageModel model, Corpus corpus, TrainingOptions options, RunOptions run, RunIdentity identity, Checkpoint? checkpoint, string? notice,
        TimeProvider time, Action? beforeFirstWrite)
    {
        (this.model, this.options, outFile, this.identity, this.notice) = (model, options, run.Out, identity, notice);
        validation = corpus.Validation;
        stream = new WindowStream(corpus.Training, options.Batch, options.SequenceLength, options.WindowOrder, options.Seed);
        optimizer = new Optimizer(options);
        engine = Engine.For(model, RunMemory.Trains(options, run));
        kept = new KeptModel(model);
        carried = new RecurrentState(model.Options, options.Batch);
        file = run.Out is { } path ? new RunFile(path, model, kept.Model, optimizer, engine.Moments, engine.TableMemories, carried, beforeFirstWrite) : null;
        state = checkpoint is null ? new RunState() : file!.Restore(checkpoint);
        clock = new RunClock(time, run.CheckpointEvery.TotalSeconds, state.Seconds);
        (inputs, targets) = (new int[options.Batch * options.SequenceLength], new int[options.Batch * options.SequenceLength]);
        uniformLoss = Functions.Log(model.Vocabulary.Count);
        measureEvery = MeasureEvery();
        epoch = stream.Epoch(state.Epoch);
        budgetSpent = clock.SecondsInAll >= options.Budget?.TotalSeconds;

        engine.SetState(carried);
        scorer = validation is null ? null : new SequenceScorer(model, run.Threads);
        Resumed = checkpoint is not null;
        if (state.BestValidationLoss is null)
            kept.Take(state.MeasuredAt, isBest: false);
        else
            kept.Restored(state.MeasuredAt, isBest: true);
    }

    private bool Resumed { get; }

    private int TokensPerUpdate => inputs.Length;

    private bool EpochDone => state.Minibatch >= epoch.Count;

    private bool IsOver =>
        budgetSpent
        || (options.Updates > 0 && state.Updates >= options.Updates)
        || (options.Updates == 0 && options.Budget is null && state.Epoch + (EpochDone ? 1 : 0) >= options.Epochs);

    private double Fraction
    {
        get
        {
            double byTime = options.Budget is { } budget ? clock.SecondsInAll / budget.TotalSeconds : 0;
            double byUpdates = options.Updates > 0 ? (double)state.Updates / options.Updates
                : options.Budget is null ? (state.Epoch + (double)state.Minibatch / epoch.Count) / options.Epochs
                : 0;
            return Math.Min(1, Math.Max(byTime, byUpdates));
        }
    }

    /// <summary>Trains to the end, or until cancelled: then at least one update is made all the same, so that a run that is
    /// stopped again and again comes to its end too.</summary>
    public TrainingResult Run(IProgress<TrainingReport>? progress, CancellationToken cancellationToken)
    {
        for (bool first = true; ; first = false)
        {
            bool measure = EpochDone || IsOver || (state.Minibatch > 0 && state.Minibatch % measureEvery == 0);
            if (measure && state.MeasuredAt < state.Updates && !Measure(progress, cancellationToken))
                return Stop();
            if (IsOver)
                return Finish();
            if (!first && cancellationToken.IsCancellationRequested)
                return Stop();
            Update();
            if (EpochDone || IsOver)
                continue;
            if (clock.SaveDue && state.Guard.Strikes == 0)
                Save();
            if (clock.ReportDue || savedSinceReport)
                Report(progress, MakeReport(endOfEpoch: false));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        engine.Dispose();
        scorer?.Dispose();
    }

    private void Update()
    {
        clock.StartUpdate();
        if (epoch.StartsFresh(state.Minibatch))
            engine.ResetState();
        epoch.Read(state.Minibatch, inputs, targets);
        learningRate = LearningRate.At(options, state.Updates, Fraction);
        double loss = engine.Train(inputs, targets, options.Seed, (ulong)state.Updates);
        gradientNorm = engine.GradientNorm;
        if (!double.IsFinite(loss) || !(gradientNorm < LargestNorm) || state.Guard.Add(loss, uniformLoss))
            throw Diverged(loss);
        engine.Update(optimizer.Next(gradientNorm, learningRate));
        state.LossSum += loss;
        state.Minibatch++;
        state.Updates++;
        clock.AddUpdate(TokensPerUpdate);
        budgetSpent = clock.SecondsInAll >= options.Budget?.TotalSeconds;
    }

    // Validates and keeps the model if it is the best; ends the epoch if it is at its end. False if cancelled on the way:
    // then nothing has changed, and the resumed run measures first of all.
    private bool Measure(IProgress<TrainingReport>? progress, CancellationToken cancellationToken)
    {
        double? loss = null;
        if (scorer is not null)
        {
            loss = scorer.MeanLoss(validation!, cancellationToken);
            if (loss is null)
                return false;
            if (!double.IsFinite(loss.Value))
                throw Diverged(loss.Value);
            if (!(loss >= state.BestValidationLoss))
            {
                state.BestValidationLoss = loss;
                kept.Take(state.Updates, isBest: true);
            }
        }
        else if (state.Guard.Strikes == 0)
        {
            kept.Take(state.Updates, isBest: false);
        }

        state.MeasuredAt = state.Updates;
        bool end = EpochDone || IsOver;
        TrainingReport report = MakeReport(end) with { ValidationLoss = loss };
        if (EpochDone)
            EndEpoch();
        if (end && !IsOver && clock.SaveDueAtEpochEnd)
            Save();
        if (end || loss is not null)
            Report(progress, report);
        return true;
    }

    private void EndEpoch()
    {
        state.EpochLoss = state.MeanLoss;
        (state.Epoch, state.Minibatch, state.LossSum) = (state.Epoch + 1, 0, 0);
        if (IsOver)
            return;
        epoch = stream.Epoch(state.Epoch);
        clock.StartEpoch();
    }

    private TrainingResult Finish()
    {
        TakeBest();
        file?.SaveFinished(model, Summary());
        return Result(completed: true);
    }

    private TrainingResult Stop()
    {
        Save();
        TakeBest();
        return Result(completed: false);
    }

    private TrainingResult Result(bool completed) =>
        new(Summary(), completed, Resumed, clock.Seconds, clock.TokensPerSecond) { Notice = notice };

    private void Save()
    {
        if (file is null)
            return;
        // The last update may have thrown the parameters out; the next loss would show it, but this comes first.
        if (!FiniteNumbers.Are(model.Parameters.Values))
            throw Diverged(double.NaN);
        if (state.BestValidationLoss is null && state.Guard.Strikes == 0)
            kept.Take(state.Updates, isBest: false);
        engine.GetState(carried);
        state.Seconds = clock.SecondsInAll;
        file.Save(state, Summary());
        clock.Saved();
        savedSinceReport = true;
    }

    private void TakeBest()
    {
        if (state.BestValidationLoss is not null)
            kept.Give();
    }

    // How often the model is measured within an epoch: seldom enough that validation takes a small part of the time.
    private long MeasureEvery()
    {
        const int Least = 1000;
        long validationTokens = validation?.Length ?? 0;
        return Math.Max(Least, 10 * validationTokens / TokensPerUpdate);
    }

    private TrainingSummary Summary() => identity.Summary with
    {
        Epochs = state.Epoch,
        Updates = state.Updates,
        Tokens = state.Updates * TokensPerUpdate,
        TrainingLoss = state.MeanLoss,
        ValidationLoss = state.BestValidationLoss,
    };

    private TrainingReport MakeReport(bool endOfEpoch)
    {
        bool byEpochs = options.Updates == 0 && options.Budget is null;
        return new TrainingReport
        {
            Epoch = state.Epoch + 1,
            Epochs = byEpochs ? options.Epochs : null,
            Update = state.Updates,
            Updates = options.Updates > 0 ? options.Updates
                : byEpochs ? state.Updates - state.Minibatch + (options.Epochs - state.Epoch) * epoch.Count
                : null,
            Fraction = IsOver ? 1 : Fraction,
            Tokens = state.Updates * TokensPerUpdate,
            Loss = state.MeanLoss,
            BestValidationLoss = state.BestValidationLoss,
            TokensPerSecond = clock.TokensPerSecond,
            Seconds = clock.Seconds,
            LearningRate = learningRate,
            GradientNorm = gradientNorm,
            EndOfEpoch = endOfEpoch,
        };
    }

    private void Report(IProgress<TrainingReport>? progress, TrainingReport report)
    {
        progress?.Report(report with { Saved = savedSinceReport, Notice = noticeTold ? null : notice });
        (savedSinceReport, noticeTold) = (false, true);
        clock.Reported();
    }

    // The last good model becomes the result, in memory and, if this run has kept one, in the file.
    private TrainingDivergedException Diverged(double loss)
    {
        kept.Give();
        if (kept.Updates > 0)
            file?.SaveFinished(model, Summary());
        return kept.Diverged(state.Updates + 1, loss, uniformLoss, !(gradientNorm < LargestNorm), options, file is null ? null : outFile);
    }
}
