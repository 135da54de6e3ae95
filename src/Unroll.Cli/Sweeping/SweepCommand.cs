// One sweep: its runs, so many at a time, each in a process of its own, until all have ended or somebody says stop.
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Unroll.Cli.Output;
using Unroll.Files;

namespace Unroll.Cli.Sweeping;

/// <summary>Trains what a sweep asks for, and says what came of it.</summary>
internal sealed class SweepCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.1); // between two looks at what others do

    private readonly SweepPlan plan;
    private readonly Session session;
    private readonly SweepDisplay display;
    private readonly Dictionary<SweepRun, string> texts; // what identifies the files that a run reads

    /// <summary>Looks at what is there already, and makes the folder.</summary>
    /// <param name="plan">What is asked for.</param>
    /// <param name="files">The text's files.</param>
    /// <param name="session">Who asks.</param>
    /// <exception cref="UnrollException">The folder cannot be written, or has other runs under the same names.</exception>
    public SweepCommand(SweepPlan plan, IReadOnlyList<string> files, Session session)
    {
        (this.plan, this.session, display) = (plan, session, new SweepDisplay(plan, session.Terminal));
        var known = new Dictionary<string, byte[]>();
        texts = plan.Runs.ToDictionary(run => run, run => Identity([.. files, .. run.Options.Where(File.Exists)], known));
        try
        {
            Directory.CreateDirectory(plan.OutFolder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"--out-folder: \"{plan.OutFolder}\" cannot be made: {TemporaryFile.Reason(exception)}.", exception);
        }
        AtomicFile.Check(Path.Combine(plan.OutFolder, "run.log"));
        foreach (SweepRun run in plan.Runs)
        {
            RunRecord.Check(run, texts[run]);
            run.KnownLength = new FileInfo(run.Record) is { Exists: true, Length: var length } ? length : 0;
            run.State = run.Result != null ? RunState.Finished : RunState.Waiting;
        }
    }

    /// <summary>Trains them all.</summary>
    /// <returns>The exit code.</returns>
    public int Go()
    {
        var waiting = new ConcurrentQueue<SweepRun>(plan.Runs.Where(run => run.State == RunState.Waiting));
        display.Begin();
        using (session.Interruption.Gracefully(display.ShowStopping))
        {
            display.Around(() => Task.WaitAll(
                [.. Enumerable.Range(0, plan.AtOnce).Select(place => Task.Factory.StartNew(() => Work(waiting, plan.ThreadsOf(place)), TaskCreationOptions.LongRunning))]));
            LookAfterOthers();
        }
        // Of several whom a launcher has started the first one speaks, when all have ended: if another failed, that would end the others.
        if (plan.Rank > 0)
            return session.Interruption.IsRequested ? Interruption.ExitCode : 0;
        var table = new SweepTable(plan);
        if (plan.Json)
            JsonOutput.Write(session.Terminal.Out, table.Json, JsonOutput.Readable.SweepJson);
        else
            table.Write(session.Terminal);
        return Close();
    }

    // Other processes may have come to an end with their runs meanwhile, and with whom a launcher has started they will.
    private void LookAfterOthers()
    {
        do
        {
            foreach (SweepRun run in plan.Runs.Where(run => run.State == RunState.Elsewhere))
                if (RunRecord.LastWords(run) is string words)
                    (run.State, run.Line) = (run.Result != null ? RunState.Finished : words.StartsWith("Stopped after ", StringComparison.Ordinal) ? RunState.Stopped : RunState.Failed, words);
        }
        while (plan.Rank == 0 && plan.Runs.Any(run => run.State == RunState.Elsewhere) && !session.Interruption.Token.WaitHandle.WaitOne(Pause));
    }

    private void Work(ConcurrentQueue<SweepRun> waiting, int threads)
    {
        while (!session.Interruption.IsRequested && waiting.TryDequeue(out SweepRun? run))
        {
            using RunRecord? record = RunRecord.Claim(run, texts[run]);
            if (record == null || !RunRecord.HasEnded(run, session.Interruption.Token))
            {
                run.State = RunState.Elsewhere;
                continue;
            }
            if (record.FailureSince is string failure)
                (run.State, run.Line) = (RunState.Failed, failure);
            else if (run.Result == null)
            {
                run.State = RunState.Running;
                display.Say(run, run.HasBegun ? "goes on" : "begins");
                run.State = RunProcess.Run(run, threads, record, display.Show, session.Interruption.Token);
            }
            else
                run.State = RunState.Finished;
            display.Say(run, SweepTable.End(run));
        }
    }

    private int Close()
    {
        int Count(RunState state) => plan.Runs.Count(run => run.State == state);
        Terminal terminal = session.Terminal;
        foreach (SweepRun run in plan.Runs.Where(run => run.State == RunState.Failed))
            terminal.Note($"{run.Name} failed: {SweepTable.Reason(run)} (all it said: {run.Record})");
        if (Count(RunState.Elsewhere) is > 0 and int others)
            terminal.Note($"{others} {(others == 1 ? "run is" : "runs are")} in another process's hands; when they have ended, the same command shows them too.");
        int left = Count(RunState.Stopped) + Count(RunState.Waiting);
        if (left > 0)
        {
            terminal.Note($"Stopped with {Count(RunState.Finished)} of {plan.Runs.Count} runs finished; what had begun is saved. To go on:");
            terminal.Note($"  {Invocation.Again(session.CommandLine)}");
            return Interruption.ExitCode;
        }
        if (Count(RunState.Failed) > 0)
        {
            terminal.Note("The same command tries those again that failed.");
            return 1;
        }
        return 0;
    }

    // Of files their content, wherever they lie.
    private static string Identity(IReadOnlyList<string> files, Dictionary<string, byte[]> known)
    {
        if (files.Count == 0)
            return "text: built in";
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            if (!known.TryGetValue(file, out byte[]? hash))
            {
                using FileStream content = File.OpenRead(file);
                known[file] = hash = SHA256.HashData(content);
            }
            all.AppendData(hash);
        }
        return $"text: {Convert.ToHexStringLower(all.GetHashAndReset())}";
    }
}
