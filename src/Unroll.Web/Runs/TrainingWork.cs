// A run that was started on a page: the same that `unroll train TEXT --budget TIME --log run.jsonl` does, on a thread of its own. It is
// stopped as Ctrl-C stops that, and goes on as `--resume` does.
using Unroll.Runs;

namespace Unroll.Web.Runs;

/// <summary>Trains a model in a folder.</summary>
internal sealed class TrainingWork : IProgress<TrainingReport>, IDisposable
{
    /// <summary>The names of the files in a run's folder.</summary>
    public const string TextName = "text.txt", ModelName = "model.safetensors", LogName = "run.jsonl";

    private readonly string folder;
    private readonly RunOrder order;
    private readonly int threads;
    private readonly SemaphoreSlim turn;
    private readonly CancellationTokenSource source = new();
    private readonly Thread thread;
    private RunLog? log;
    private SampleSpeaker? speaker;
    private volatile TrainingReport? latest;
    private volatile string? failure;
    private volatile RunState state = RunState.Waiting;

    /// <param name="folder">The run's folder, with its text.</param>
    /// <param name="order">What was asked for.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="turn">Runs go one after another: each has all cores.</param>
    public TrainingWork(string folder, RunOrder order, int threads, SemaphoreSlim turn)
    {
        (this.folder, this.order, this.threads, this.turn) = (folder, order, threads, turn);
        thread = new Thread(Work) { IsBackground = true, Name = $"unroll run {order.Name}" };
        thread.Start();
    }

    /// <summary>How it stands.</summary>
    public RunState State => state;

    /// <summary>What it has reported last; null = nothing yet.</summary>
    public TrainingReport? Latest => latest;

    /// <summary>Why it could not go on.</summary>
    public string? Failure => failure;

    /// <summary>Lets it finish its step and save.</summary>
    public void Stop()
    {
        if (state is RunState.Waiting or RunState.Reading or RunState.Training)
            state = RunState.Stopping;
        source.Cancel();
    }

    /// <summary>Waits until it has saved.</summary>
    public void Dispose()
    {
        Stop();
        thread.Join();
        source.Dispose();
    }

    /// <inheritdoc/>
    public void Report(TrainingReport report)
    {
        latest = report;
        log?.Begin();
        if (!report.EndOfEpoch && report.ValidationLoss is null)
            return;
        log?.Add(report);
        if (speaker is not null && report.EndOfEpoch && speaker.IsDue(report))
            log?.Add(report, speaker.Prefix, speaker.Speak(speaker.Prefix, report.Epoch));
    }

    private void Work()
    {
        bool hasTurn = false;
        try
        {
            turn.Wait(source.Token);
            hasTurn = true;
            Train();
        }
        catch (OperationCanceledException)
        {
            state = RunState.Paused;
        }
        catch (UnrollException exception)
        {
            (failure, state) = (exception.Message, RunState.Failed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            (failure, state) = (exception.Message, RunState.Failed);
        }
        finally
        {
            log?.Dispose();
            if (hasTurn)
                turn.Release();
        }
    }

    private void Train()
    {
        Enter(RunState.Reading);
        string path = Path.Combine(folder, ModelName);
        Preset? earlier = ResumedRun.Settings(path);
        Preset named = earlier ?? Presets.Find(order.Preset);
        using Corpus corpus = Corpus.Load(TextSource.FromPaths([Path.Combine(folder, TextName)]), named.Text, named.Corpus, cancellationToken: source.Token);
        TimeSpan? budget = order.Seconds is double seconds ? TimeSpan.FromSeconds(seconds) : null;
        Preset preset = earlier ?? (order.Preset != Presets.Default.Name ? budget is null ? named : named with { Training = named.Training with { Budget = budget } }
            : budget is { } time ? Presets.DefaultFor(corpus, time, threads) : Presets.DefaultFor(corpus));
        LanguageModel model = LanguageModel.Create(corpus, preset.Model, preset.Training.Seed, preset.Members);
        var run = new RunOptions { Out = path, Resume = earlier is not null, Threads = threads };
        var trainer = new Trainer(model, corpus, preset.Training, run);
        log = new RunLog(Path.Combine(folder, LogName), goesOn: earlier is not null, model, corpus, preset.Training);
        speaker = new SampleSpeaker(model, corpus, preset.Training, threads);
        Enter(RunState.Training);
        state = trainer.Run(this, source.Token).Completed ? RunState.Finished : RunState.Paused;
    }

    private void Enter(RunState next)
    {
        source.Token.ThrowIfCancellationRequested();
        state = next;
    }
}
