// A run of several networks: as many ordinary runs side by side, each on a thread of its own with its own seed, as if it were
// alone. They meet whenever they have been measured or have ended an epoch; then all stand still, the mixture is measured, and
// whoever listens is told. Nothing that a network learns depends on another, on threads, or on who is faster.
// Ranks share every minibatch of every network, so all must come to the same calls in the same order: there the networks learn by
// turns on the caller's thread, and whatever ends a turn or a wait is decided by all ranks alike.
using System.Runtime.ExceptionServices;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>Trains the networks of a model.</summary>
internal sealed class MembersRun : IDisposable
{
    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly RunIdentity identity;
    private readonly RankGroup? ranks;
    private readonly MembersFile? file; // where it is written
    private readonly Member[] members;
    private readonly Turns turns;
    private readonly int together; // networks that learn at a time
    private readonly ValidationScorer? scorer; // of the mixture of what the networks would end with
    private readonly RunClock clock;
    private readonly RunCaller caller;
    private readonly bool resumed;

    private readonly object gate = new();
    private readonly List<string> notices = []; // not yet told
    private bool news; // since the listener was told
    private bool over; // nobody waits any more: cancelled, or failed
    private bool abandoned; // nothing is worth going on for
    private ExceptionDispatchInfo? failure;

    /// <param name="model">A model of several networks.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="options">How the first learns; the others' seeds are the numbers after its.</param>
    /// <param name="run">What the run may use.</param>
    /// <param name="identity">The same three, as a file tells them.</param>
    /// <param name="checkpoint">The run to go on with, or null.</param>
    /// <param name="notice">What listeners should be told first.</param>
    /// <param name="caller">What the run's caller adds: the time, and what else counts into it.</param>
    /// <param name="place">Where it is kept, or null.</param>
    public MembersRun(
        LanguageModel model, Corpus corpus, TrainingOptions options, RunOptions run, RunIdentity identity, Checkpoint? checkpoint, string? notice,
        RunCaller caller, RunPlace? place)
    {
        (this.model, this.options, this.identity, this.caller, ranks) = (model, options, identity, caller, run.Ranks);
        resumed = ranks.Decide(checkpoint is not null);
        int count = model.Members.Count, threads = run.Threads == 0 ? Environment.ProcessorCount : run.Threads;
        together = ranks is null ? Math.Min(count, threads) : 1;
        turns = new Turns(together);
        file = place is null || !ranks.IsFirst() ? null : new MembersFile(count, place, Whole);
        if (checkpoint is not null)
            file!.Restore(checkpoint);
        if (notice is not null)
            notices.Add(notice);
        clock = new RunClock(caller.Time, caller.Started, run.CheckpointEvery.TotalSeconds, secondsBefore: 0, ranks);
        caller = caller with { Afterwards = caller.Afterwards + Closing() };
        members = [.. Enumerable.Range(0, count).Select(Make)];
        scorer = corpus.Validation is { } validation
            ? new ValidationScorer(LanguageModel.Average([.. members.Select(member => member.Kept)]), validation, run.Threads, ranks)
            : null;

        // What comes after a network's run: a measurement of the mixture, and on ranks, before it, the others' last measurements.
        TimeSpan Closing()
        {
            if (options.Budget is not { } budget || corpus.Validation is not { } text)
                return TimeSpan.Zero;
            using var trial = new ValidationScorer(model, text, run.Threads, ranks);
            return TimeSpan.FromSeconds((ranks is null ? 1 : 2 - 1.0 / count) * trial.Estimate(clock, budget.TotalSeconds / 1000));
        }

        Member Make(int index)
        {
            LanguageModel network = model.Members[index];
            Checkpoint? latest = file?.Latest(index);
            if (ranks.Decide(latest is { Training: null }))
            {
                latest?.Model.Parameters.Values.CopyTo(network.Parameters.Values);
                return new Member(network, null, RankStates.Finished(ranks, network, latest?.Summary));
            }
            TrainingOptions own = options with { Seed = unchecked(options.Seed + (ulong)index) };
            var learning = new TrainingRun(
                network, corpus, own, run with { Threads = threads / together }, new RunIdentity(network, corpus, own), latest, notice: null,
                caller with { Finishing = null }, file?.PlaceOf(index) ?? place);
            return new Member(learning.Kept, learning, null) { Epochs = (long)ranks.Decide((double)(latest?.Summary?.Epochs ?? 0)) };
        }
    }

    // On the validation text, when it was last measured.
    private double? MixtureLoss
    {
        get
        {
            lock (gate)
                return field;
        }
        set
        {
            lock (gate)
                field = value;
        }
    }

    private bool IsMeeting => members.All(member => member.IsDone || member.Waits);

    /// <summary>Trains to the end, or until cancelled: then each network makes at least one update all the same.</summary>
    public TrainingResult Run(IProgress<TrainingReport>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long least = members.Where(member => member.Run is not null).Select(member => member.Epochs).DefaultIfEmpty().Min();
        foreach (Member ahead in members.Where(member => member.Epochs > least))
            ahead.Waits = true;
        if (ranks is null)
            LearnSideBySide(progress, stop);
        else
            LearnByTurns(progress, stop);
        bool completed = failure is null && members.All(member => member.Result?.Completed ?? true);
        if (!completed)
            file?.Flush();
        failure?.Throw();
        // Who was told to stop may come to the end all the same, without meeting the others there.
        if (completed && (over || MixtureLoss is null))
            MixtureLoss = scorer?.MeanLoss(CancellationToken.None);
        TrainingSummary summary = Whole([.. members.Select(member => member.Summary!)]);
        if (completed)
        {
            summary = caller.Finishing?.Invoke(summary) ?? summary;
            file?.SaveFinished(model, summary);
        }
        return new TrainingResult(summary, completed, resumed, clock.Seconds, Speed(member => member.Result?.TokensPerSecond ?? 0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Member member in members)
            member.Run?.Dispose();
        scorer?.Dispose();
    }

    private void LearnSideBySide(IProgress<TrainingReport>? progress, CancellationTokenSource stop)
    {
        using CancellationTokenRegistration registration = stop.Token.Register(End);
        Thread[] threads = [.. members.Select((member, index) => new Thread(() => Learn(member, index, stop)) { IsBackground = true, Name = $"Unroll network {index}" })];
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            Listen(progress, stop.Token);
        }
        catch (Exception exception)
        {
            Fail(exception, stop);
        }
        Array.ForEach(threads, thread => thread.Join());
    }

    // On the caller's thread: one network after another learns until it reports. That the run is to stop is known when a network has
    // come back from it before its end.
    private void LearnByTurns(IProgress<TrainingReport>? progress, CancellationTokenSource stop)
    {
        IEnumerator<TrainingReport>?[] runs = [.. members.Select(member => member.Run?.Learn(stop.Token).GetEnumerator())];
        try
        {
            while (!members.All(member => member.IsDone))
            {
                for (int index = 0; index < runs.Length; index++)
                {
                    Member member = members[index];
                    if (member.IsDone || (member.Waits && !over))
                        continue;
                    TakeTurn(member, index, runs[index], stop);
                    clock.Look();
                    Tell(progress, meeting: false, stop.Token);
                }
                if (IsMeeting && !over && !members.All(member => member.IsDone) && LetLaggardsGo())
                    Tell(progress, meeting: true, stop.Token);
            }
        }
        catch (Exception exception)
        {
            Fail(exception, stop);
        }
    }

    private void TakeTurn(Member member, int index, IEnumerator<TrainingReport>? run, CancellationTokenSource stop)
    {
        try
        {
            member.Run?.Look();
            if (run?.MoveNext() is true)
            {
                Hear(member, index, run.Current);
                return;
            }
            over |= member.Result is { Completed: false };
        }
        catch (TrainingDivergedException exception)
        {
            Fail(exception, stop); // at every rank alike
        }
        member.IsDone = true;
    }

    // On the caller's thread: tells what there is to tell until all are done.
    private void Listen(IProgress<TrainingReport>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool meeting;
            lock (gate)
            {
                while (!news && !(IsMeeting && !over) && !members.All(member => member.IsDone))
                    Monitor.Wait(gate);
                news = false;
                if (members.All(member => member.IsDone))
                    return;
                meeting = IsMeeting && !over && LetLaggardsGo();
            }
            Tell(progress, meeting, cancellationToken);
        }
    }

    // Tells what there is to tell. At a meeting the mixture is measured first, and then all go on.
    private void Tell(IProgress<TrainingReport>? progress, bool meeting, CancellationToken cancellationToken)
    {
        if (meeting && scorer is not null && members.Any(member => member is { IsDone: false, Report.ValidationLoss: not null }))
            MixtureLoss = scorer.MeanLoss(cancellationToken);
        bool written = file?.TakeWritten() ?? false;
        if ((meeting || written || clock.ReportDue) && TakeReport(meeting) is { } report)
        {
            progress?.Report(report with { Saved = written });
            clock.Reported();
        }
        if (meeting)
            Release(member => true);
    }

    // A run that was killed may go on with some networks an epoch ahead: they wait. False where somebody had to be let go.
    private bool LetLaggardsGo()
    {
        Member[] waiting = [.. members.Where(member => !member.IsDone)];
        long least = waiting.Min(member => member.Epochs);
        if (waiting.All(member => member.Epochs == least))
            return true;
        Release(member => member.Epochs == least);
        return false;
    }

    private void Release(Func<Member, bool> whom)
    {
        lock (gate)
        {
            foreach (Member member in members.Where(whom))
                member.Waits = false;
            Monitor.PulseAll(gate);
        }
    }

    private void WaitForOthers(Member member)
    {
        lock (gate)
        {
            while (member.Waits && !over)
                Monitor.Wait(gate);
            member.Waits = false;
        }
    }

    // One network's thread.
    private void Learn(Member member, int index, CancellationTokenSource stop)
    {
        try
        {
            if (member.Run is null)
                return;
            WaitForOthers(member);
            turns.Take();
            try
            {
                foreach (TrainingReport report in member.Run.Learn(stop.Token))
                    if (Hear(member, index, report))
                        Meet(member);
                    else
                        turns.Pass();
            }
            finally
            {
                turns.End();
            }
        }
        catch (AbandonedException)
        {
        }
        catch (Exception exception)
        {
            Fail(exception, stop);
        }
        finally
        {
            lock (gate)
            {
                (member.IsDone, news) = (true, true);
                Monitor.PulseAll(gate);
            }
        }
    }

    // Takes a network's report; whether it is now to meet the others.
    private bool Hear(Member member, int index, TrainingReport report)
    {
        bool meets = report.EndOfEpoch || report.ValidationLoss is not null;
        lock (gate)
        {
            if (abandoned)
                throw new AbandonedException();
            member.Report = report;
            if (report.Notice is not null)
                notices.Add($"Network {index + 1}: {report.Notice}");
            (member.Waits, member.Epochs, news) = (meets, report.EndOfEpoch ? report.Epoch : report.Epoch - 1, true);
            Monitor.PulseAll(gate);
        }
        return meets;
    }

    private void Meet(Member member)
    {
        turns.End();
        WaitForOthers(member);
        turns.Take();
    }

    // A network that diverges leaves its file as a run of one would, and the others' with it; after any other failure nothing is
    // saved any more, as after a kill.
    private void Fail(Exception exception, CancellationTokenSource stop)
    {
        bool diverged = exception is TrainingDivergedException;
        if (!diverged)
            file?.Close();
        lock (gate)
        {
            failure ??= ExceptionDispatchInfo.Capture(exception);
            abandoned |= !diverged;
            End();
        }
        stop.Cancel();
    }

    private void End()
    {
        lock (gate)
        {
            over = true;
            Monitor.PulseAll(gate);
        }
    }

    private TrainingSummary Whole(IReadOnlyList<TrainingSummary> networks) => identity.Summary with
    {
        Training = networks[0].Training,
        Epochs = networks.Min(network => network.Epochs),
        Updates = networks.Min(network => network.Updates),
        Tokens = networks.Sum(network => network.Tokens),
        TrainingLoss = networks.Sum(network => network.TrainingLoss) / networks.Count,
        ValidationLoss = MixtureLoss,
        NetworkLoss = networks[0].ValidationLoss,
    };

    // The whole as one report, of the network that is least far; null before there is any.
    private TrainingReport? TakeReport(bool meeting)
    {
        lock (gate)
        {
            TrainingReport[] reports = [.. members.Select(member => member.Report!).Where(report => report is not null)];
            if (reports.MinBy(report => report.Fraction) is not { } last)
                return null;
            string? notice = notices.Count > 0 ? string.Join(' ', notices) : null;
            notices.Clear();
            return last with
            {
                Fraction = reports.Sum(report => report.Fraction) / reports.Length,
                Tokens = reports.Sum(report => report.Tokens),
                Loss = reports.Sum(report => report.Loss) / reports.Length,
                ValidationLoss = meeting ? MixtureLoss : null,
                BestValidationLoss = MixtureLoss,
                TokensPerSecond = Speed(member => member.Report?.TokensPerSecond ?? 0),
                Seconds = clock.Seconds,
                EndOfEpoch = meeting && last.EndOfEpoch,
                Notice = notice,
                Networks = reports,
            };
        }
    }

    private double Speed(Func<Member, double> tokensPerSecond) => members.Sum(tokensPerSecond) * together / members.Length;

    private sealed class AbandonedException : Exception;
}
