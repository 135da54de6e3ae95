// All runs of a folder: those that were started on its page, each in a folder of its own below `unroll-runs`, and the logs of others that
// lie in it. Names that people give are kept in files, and never become paths.
using System.Globalization;
using Unroll.Runs;

namespace Unroll.Web.Runs;

/// <summary>The runs that the pages show.</summary>
internal sealed class RunShelf : IDisposable
{
    /// <summary>The folder for runs that are started on the page.</summary>
    public const string FolderName = "unroll-runs";

    /// <summary>The most runs of either kind that are listed: the latest that were started on the page, and the first logs by name.</summary>
    public const int MostRuns = 500;

    private readonly string? folder;
    private readonly int threads;
    private readonly object gate = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly List<ListedRun> runs = []; // under the gate

    /// <param name="folder">Where runs are; null = nowhere, and none can be started.</param>
    /// <param name="logs">Logs from elsewhere.</param>
    /// <param name="threads">Threads of a run; 0 = one per core.</param>
    public RunShelf(string? folder, IReadOnlyList<string> logs, int threads)
    {
        (this.folder, this.threads) = (folder, threads);
        foreach (string log in logs)
            runs.Add(new ListedRun(log));
        Look();
    }

    /// <summary>Whether runs can be started.</summary>
    public bool CanStart => folder is not null;

    /// <summary>All runs, the latest first.</summary>
    public IReadOnlyList<ListedRun> All
    {
        get
        {
            lock (gate)
                return [.. runs];
        }
    }

    /// <summary>How many more there are than are listed.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The one of an id; null where there is none.</summary>
    public ListedRun? Find(string id) => All.FirstOrDefault(run => run.Id == id);

    /// <summary>Looks for runs that have come since.</summary>
    public void Look()
    {
        if (folder is null)
            return;
        try
        {
            string own = Path.Combine(folder, FolderName);
            string[] begun = Directory.Exists(own) ? [.. Directory.EnumerateDirectories(own).OrderDescending(StringComparer.Ordinal)] : [];
            string[] logs = [.. Directory.EnumerateFiles(folder, "*.jsonl").Order(StringComparer.Ordinal)];
            lock (gate)
            {
                LeftOut = Math.Max(0, begun.Length - MostRuns) + Math.Max(0, logs.Length - MostRuns);
                runs.RemoveAll(run => run.Folder is not null && run.Work is null && !Directory.Exists(run.Folder));
                foreach (string place in begun.Take(MostRuns).Reverse().Where(place => !runs.Exists(run => run.Folder == place)))
                    if (RunOrder.In(place) is { } order)
                        runs.Insert(0, new ListedRun(place, order));
                foreach (string log in logs.Take(MostRuns).Where(log => !runs.Exists(run => run.Journal.Path == log) && RunLog.IsOne(log)))
                    runs.Add(new ListedRun(log));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be looked at has nothing new.
        }
    }

    /// <summary>Starts a run.</summary>
    /// <param name="order">What is asked for.</param>
    /// <param name="text">The text to learn from.</param>
    /// <exception cref="UnrollException">Its folder cannot be made or written.</exception>
    public ListedRun Start(RunOrder order, string text)
    {
        if (folder is null)
            throw new UnrollException("No folder for runs was given, so none can be started.");
        string place;
        try
        {
            string own = Path.Combine(folder, FolderName);
            int number = 1;
            Directory.CreateDirectory(own);
            while (Path.Exists(place = Path.Combine(own, number.ToString("0000", CultureInfo.InvariantCulture))))
                number++;
            Directory.CreateDirectory(place);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"No folder for the run can be made in {folder}: {exception.Message}", exception);
        }
        Files.AtomicFile.Write(Path.Combine(place, TrainingWork.TextName), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
        order.Write(place);
        var run = new ListedRun(place, order);
        lock (gate)
            runs.Insert(0, run);
        GoOn(run);
        return run;
    }

    /// <summary>Goes on with a run that was stopped.</summary>
    public void GoOn(ListedRun run)
    {
        lock (gate)
        {
            if (run.Folder is null || run.Order is null || run.State is not (RunState.Paused or RunState.Failed))
                return;
            run.Work?.Dispose();
            run.Work = new TrainingWork(run.Folder, run.Order, threads, turn);
        }
    }

    /// <summary>Stops all, and waits until they have saved.</summary>
    public void Dispose()
    {
        IReadOnlyList<ListedRun> all = All;
        foreach (ListedRun run in all)
            run.Work?.Stop();
        foreach (ListedRun run in all)
            run.Work?.Dispose();
        turn.Dispose();
    }
}
