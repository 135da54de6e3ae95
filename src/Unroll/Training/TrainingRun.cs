// One run: minibatch after minibatch, until the plan is fulfilled or somebody cancels. Whatever the loop does next depends
// on the RunState alone, so a run that stops anywhere and goes on from its file makes the same updates as one that never
// stopped. Refuses to know file formats (RunFile) and clocks (RunClock, TimeBudget).
using System.Globalization;
using Unroll.Checkpoints;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Options;
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>The training loop.</summary>
internal sealed class TrainingRun : IDisposable
{
    // Squares of larger gradients, which Adam keeps, would not fit into a float.
    private const double LargestNorm = 1e18;

    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly RunPlace? place;
    private readonly RankGroup? ranks;
    private readonly BatchShare share;
    private readonly RunIdentity identity;
    private readonly WindowStream stream;
    private readonly Engine engine;
    private readonly Optimizer optimizer;
    private readonly ValidationScorer? scorer;
    private readonly RunFile? file;
    private readonly KeptModel kept;
    private readonly WeightAverage? average;
    private readonly RecurrentState carried;
    private readonly RunState state;
    private readonly RunClock clock;
    private readonly int[] inputs, targets; // [T, B]
    private readonly double uniformLoss;
    private readonly TimeBudget? budget;
    private readonly Pace? pace;
    private readonly long measureEvery;
    private readonly RunCaller caller;

    private WindowEpoch epoch;
    private double learningRate, gradientNorm; // of the last update
    private bool savedSinceReport;
    private string? untold; // what listeners should be told next

    /// <param name="model">The model that learns.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="options">How.</param>
    /// <param name="run">Where it is kept and what it may use.</param>
    /// <param name="identity">The same three, as a file tells them.</param>
    /// <param name="checkpoint">The run to go on with, or null.</param>
    /// <param name="notice">What listeners should be told first.</param>
    /// <param name="caller">What the run's caller adds: the time, and what else counts into it.</param>
    /// <param name="place">Where it is kept, or null.</param>
    public TrainingRun(
        LanguageModel model, Corpus corpus, TrainingOptions options, RunOptions run, RunIdentity identity, Checkpoint? checkpoint, string? notice,
        RunCaller caller, RunPlace? place)
    {
        (this.model, this.options, this.place, this.identity, this.caller, untold) = (model, options, place, identity, caller, notice);
        (ranks, share) = (run.Ranks, RunMemory.Share(options, run));
        stream = new WindowStream(corpus.Training, options.Batch, options.SequenceLength, options.WindowOrder, options.Seed);
        optimizer = new Optimizer(options);
        engine = Engine.For(model, RunMemory.Trains(options, run));
        kept = new KeptModel(model);
        average = options.TailAverage > 0 ? new WeightAverage(model) : null;
        carried = new RecurrentState(model.Options, options.Batch);
        file = place is null || !ranks.IsFirst() ? null : new RunFile(place, model, kept.Model, average, optimizer, engine.Moments, engine.TableMemories, carried);
        state = checkpoint is null ? new RunState() : file!.Restore(checkpoint);
        Resumed = ranks.Decide(checkpoint is not null);
        if (Resumed)
            state = RankStates.Resume(ranks, state, optimizer, average, [model.Parameters.Storage, kept.Model.Parameters.Storage, .. engine.Moments, .. engine.TableMemories.Select(memory => memory.Values), .. carried.Arrays.Select(array => array.Values)]);
        clock = new RunClock(caller.Time, caller.Started, run.CheckpointEvery.TotalSeconds, state.Seconds, ranks);
        (inputs, targets) = (new int[options.Batch * options.SequenceLength], new int[options.Batch * options.SequenceLength]);
        uniformLoss = Functions.Log(model.Vocabulary.Count);
        measureEvery = ValidationScorer.LeastUpdatesBetween(options, corpus.Validation?.Length ?? 0);
        epoch = stream.Epoch(state.Epoch);

        RankStates.Give(carried, engine, share);
        scorer = corpus.Validation is { } validation ? new ValidationScorer(model, validation, run.Threads, ranks) : null;
        if (Resumed)
            kept.Restored(state.MeasuredAt, isBest: state.BestValidationLoss is not null);
        else
            kept.Take(0, isBest: false);
        if (options.Budget is { } time)
        {
            pace = Pace.Parse(state.Pace ?? Pace.Unrevised);
            budget = new TimeBudget(clock, time, caller.Afterwards, state.Updates)
            {
                MeasurementSeconds = scorer?.Estimate(clock, time.TotalSeconds / 2000) ?? 0,
                SaveSeconds = place is null ? 0 : RunFile.SaveSeconds(model),
            };
        }
        else if (options.Pace is { } recorded)
        {
            pace = Pace.Parse(recorded);
        }
    }

    /// <summary>The model that the run would end with if it ended now.</summary>
    public LanguageModel Kept => kept.Model;

    /// <summary>What came of the run, when it is over.</summary>
    public TrainingResult? Result { get; private set; }

    private bool Resumed { get; }

    private int TokensPerUpdate => inputs.Length;

    private bool EpochDone => state.Minibatch >= epoch.Count;

    private bool IsOver =>
        (budget is not null ? budget.IsSpent || state.Updates >= pace!.Total
            : options.Updates > 0 ? state.Updates >= options.Updates
            : state.Epoch + (EpochDone ? 1 : 0) >= options.Epochs)
        || (options.Patience > 0 && state.WorseInARow >= options.Patience);

    // How much of the run is done, 0 to 1: what schedules and measurements go by.
    private double Progress =>
        pace?.After(state.Updates)
        ?? Math.Min(1, options.Updates > 0 ? (double)state.Updates / options.Updates : (state.Epoch + (double)state.Minibatch / epoch.Count) / options.Epochs);

    // Which of the measurements at equal fractions of the run was the last that could have been made.
    private long Part => (long)(Progress * options.Measurements);

    private bool MeasurementDue => state.MeasuredAt < state.Updates && (IsOver
        || (options.Measurements > 0 ? Part > state.MeasuredPart && state.Updates - state.MeasuredAt >= measureEvery
            : EpochDone || (state.Minibatch > 0 && state.Minibatch % measureEvery == 0)));

    /// <summary>Lets the run see what time it is when it goes on after others; all ranks call it.</summary>
    public void Look() => clock.Look();

    /// <summary>Trains from one report to the next; in between the run stands still. It goes to the end, or until cancelled: then at
    /// least one update is made all the same, so that a run that is stopped again and again comes to its end too.</summary>
    public IEnumerable<TrainingReport> Learn(CancellationToken cancellationToken)
    {
        for (bool first = true; Result is null; first = false)
        {
            double? loss = null;
            bool measured = MeasurementDue, cancelled = measured && !Measure(out loss, cancellationToken);
            if (!cancelled && (measured || EpochDone) && Conclude(loss) is { } conclusion)
            {
                yield return conclusion;
                clock.Reported();
            }
            if (cancelled)
                Stop();
            else if (IsOver)
                Finish();
            else if (!first && ranks.Decide(cancellationToken.IsCancellationRequested))
                Stop();
            else
                Update();
            if (EpochDone || IsOver || Result is not null)
                continue;
            if (clock.SaveDue && state.Guard.Strikes == 0)
                Save();
            if (clock.ReportDue || savedSinceReport || untold is not null)
            {
                yield return Told(MakeReport(endOfEpoch: false));
                clock.Reported();
            }
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
        double done = Progress;
        learningRate = LearningRate.At(options, state.Updates, done) * state.Plateau.Scale / (1L << state.Rollbacks);
        double loss = engine.Train(inputs, targets, options.Seed, (ulong)state.Updates);
        gradientNorm = engine.GradientNorm;
        if (!double.IsFinite(loss) || !(gradientNorm < LargestNorm) || state.Guard.Add(loss, uniformLoss))
        {
            GoBack(loss);
            return;
        }
        engine.Update(optimizer.Next(gradientNorm, learningRate));
        state.LossSum += loss;
        state.Minibatch++;
        state.Updates++;
        average?.Add(options, state.Updates, done);
        clock.AddUpdate(TokensPerUpdate);
        clock.Look();
        budget?.Look(state.Updates);
        if (budget is { RevisionDue: true } && !IsOver)
            Revise(budget);
    }

    // What a run takes from its clock: how many updates there is time for.
    private void Revise(TimeBudget budget)
    {
        if (state.MeasuredAt == 0 && scorer is not null)
            budget.MeasurementSeconds = scorer.Estimate(clock, options.Budget!.Value.TotalSeconds / 2000);
        bool parts = options.Measurements > 0;
        budget.Revise(
            pace!, state.Updates, parts ? options.Measurements - 1 - Part : long.MaxValue, parts ? measureEvery : Math.Min(measureEvery, epoch.Count));
        state.Pace = pace!.ToString();
    }

    // Validates and keeps the model if it is the best. False if cancelled on the way: then nothing has changed, and the resumed
    // run measures first of all.
    private bool Measure(out double? loss, CancellationToken cancellationToken)
    {
        loss = null;
        double start = clock.Seconds;
        if (scorer is not null && (loss = Validate(scorer, cancellationToken)) is null)
            return false;
        clock.Look();
        budget?.Measured(clock.Seconds - start);
        (state.MeasuredAt, state.MeasuredPart) = (state.Updates, Part);
        if (loss is { } measured ? !double.IsFinite(measured) : !FiniteNumbers.Are(model.Parameters.Values))
        {
            GoBack(double.NaN);
            loss = null;
        }
        else if (loss is null)
        {
            if (state.Guard.Strikes == 0)
                Keep(isBest: false);
        }
        else if (loss >= state.BestValidationLoss)
        {
            state.WorseInARow++;
            state.Plateau.Add(options, isBest: false);
            if (options.Patience > 0 && state.WorseInARow == options.Patience)
                Tell(string.Create(CultureInfo.InvariantCulture, $"The last {options.Patience} measurements were no better than the best: the run ends after {state.Updates:0} updates."));
        }
        else
        {
            (state.BestValidationLoss, state.WorseInARow) = (loss, 0);
            state.Plateau.Add(options, isBest: true);
            Keep(isBest: true);
        }
        return true;
    }

    // What follows a measurement or an epoch's end; and what there is to tell of it.
    private TrainingReport? Conclude(double? loss)
    {
        bool end = EpochDone || IsOver;
        TrainingReport report = MakeReport(end) with { ValidationLoss = loss };
        if (EpochDone)
            EndEpoch();
        if (end && !IsOver && clock.SaveDueAtEpochEnd)
            Save();
        return end || loss is not null ? Told(report) : null;
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

    private void Finish()
    {
        TakeResult();
        TrainingSummary summary = Summary(finished: true);
        summary = caller.Finishing?.Invoke(summary) ?? summary;
        file?.SaveFinished(model, summary);
        End(summary, completed: true);
    }

    private void Stop()
    {
        Save();
        TakeResult();
        End(Summary(), completed: false);
    }

    private void End(TrainingSummary summary, bool completed) =>
        Result = new TrainingResult(summary, completed, Resumed, clock.Seconds, clock.TokensPerSecond);

    private void Save()
    {
        // The last update may have thrown the parameters out: then the next one shows it, whether there is a save in between or not.
        if (place is null || !FiniteNumbers.Are(model.Parameters.Values))
            return;
        double start = clock.SecondsInAll;
        RankStates.Gather(engine, carried, share, ranks);
        state.Seconds = start;
        file?.Save(state, Summary());
        clock.Look();
        clock.Saved(start);
        if (budget is not null)
            budget.SaveSeconds = clock.SaveSeconds!.Value;
        savedSinceReport = true;
    }

    private void TakeResult()
    {
        if (state.BestValidationLoss is not null)
            kept.Give();
        else
            average?.Exchange();
    }

    // What is measured and kept is the average of weights, where there is one.
    private double? Validate(ValidationScorer scorer, CancellationToken cancellationToken)
    {
        average?.Exchange();
        try
        {
            return scorer.MeanLoss(cancellationToken);
        }
        finally
        {
            average?.Exchange();
        }
    }

    private void Keep(bool isBest)
    {
        average?.Exchange();
        kept.Take(state.Updates, isBest);
        average?.Exchange();
    }

    private TrainingSummary Summary(bool finished = false) => identity.Summary with
    {
        Training = finished && budget is not null ? options with { Budget = null, Updates = state.Updates, Pace = pace!.ToString() } : options,
        Epochs = state.Epoch,
        Updates = state.Updates,
        Tokens = state.Updates * TokensPerUpdate,
        TrainingLoss = state.MeanLoss,
        ValidationLoss = state.BestValidationLoss,
    };

    private TrainingReport MakeReport(bool endOfEpoch)
    {
        bool byEpochs = options.Updates == 0 && budget is null;
        return new TrainingReport
        {
            Epoch = state.Epoch + 1,
            Epochs = byEpochs ? options.Epochs : null,
            Update = state.Updates,
            Updates = options.Updates > 0 ? options.Updates
                : byEpochs ? state.Updates - state.Minibatch + (options.Epochs - state.Epoch) * epoch.Count
                : pace!.Total,
            Fraction = IsOver ? 1 : budget?.Fraction ?? Progress,
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

    // A report, with what has come up since the last.
    private TrainingReport Told(TrainingReport report)
    {
        report = report with { Saved = savedSinceReport, Notice = untold };
        (savedSinceReport, untold) = (false, null);
        return report;
    }

    private void Tell(string sentence) => untold = untold is null ? sentence : $"{untold} {sentence}";

    // Takes up the last good model again, which has forgotten what it read and how it came there, and learns from here on at half
    // the rate. Where that was done often enough, the last good model becomes the result, in memory and, if this run has kept
    // one, in the file.
    private void GoBack(double loss)
    {
        bool exploded = !(gradientNorm < LargestNorm);
        kept.Give();
        if (state.Rollbacks >= options.Rollbacks)
        {
            if (kept.Updates > 0)
                file?.SaveFinished(model, Summary(finished: true));
            throw kept.Diverged(state.Updates + 1, loss, uniformLoss, exploded, state.Rollbacks, options, place?.Path);
        }
        state.Rollbacks++;
        state.Guard = new DivergenceGuard();
        optimizer.Powers = (1, 1);
        average?.Samples = 0;
        foreach (float[] remembered in engine.Moments.Concat(engine.TableMemories.Select(memory => memory.Values)))
            Array.Clear(remembered);
        engine.ParametersChanged();
        engine.ResetState();
        Tell(kept.WentBack(state.Updates + 1, loss, uniformLoss, exploded, state.Rollbacks));
    }
}
