// `unroll train` as a process of its own, so that whatever becomes of one run becomes of no other.
using System.Diagnostics;
using System.Text;
using Unroll.Cli.Output;

namespace Unroll.Cli.Sweeping;

/// <summary>Runs one run of a sweep to its end.</summary>
internal static class RunProcess
{
    // What launchers tell a process that is one of many: a run is one by itself.
    private static readonly string[] LaunchersVariables = ["OMPI_", "PMI_", "PMIX_", "MPI_", "PRTE_", "SLURM_"];

    /// <summary>Trains, and waits.</summary>
    /// <param name="run">The run, whose last words are kept.</param>
    /// <param name="threads">Its threads.</param>
    /// <param name="record">Where everything goes that it says.</param>
    /// <param name="changed">Called when there is something new.</param>
    /// <param name="cancellation">Tells it to save and stop.</param>
    /// <returns>How it ended.</returns>
    public static RunState Run(SweepRun run, int threads, RunRecord record, Action changed, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, Invocation.Process(run.Words(threads, run.HasBegun)))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            UseShellExecute = false,
        };
        start.Environment[Interruption.InputVariable] = "1";
        foreach (string name in start.Environment.Keys.Where(name => LaunchersVariables.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToArray())
            start.Environment.Remove(name);
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data, isNews: false);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, isNews: true);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        // Its input's end is what it stops by, also if this process is killed.
        using (cancellation.Register(process.StandardInput.Close))
            process.WaitForExit();
        return process.ExitCode switch
        {
            0 => RunState.Finished,
            Interruption.ExitCode => RunState.Stopped,
            _ => RunState.Failed,
        };

        void Keep(string? line, bool isNews)
        {
            if (line == null)
                return;
            record.Write(line);
            if (!isNews || !RunRecord.IsNews(line))
                return;
            run.Line = line;
            changed();
        }
    }
}
