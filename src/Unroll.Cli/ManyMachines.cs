// What the command does where a launcher has started it several times: the first rank talks to people and writes files, the others
// compute. Nobody else in the command names the library of messages, so that without a launcher it is not even loaded.
using System.Globalization;
using System.Runtime.CompilerServices;
using Unroll.Cli.Output;
using Unroll.Mpi;
using Unroll.Ranks;

namespace Unroll.Cli;

internal static class ManyMachines
{
    // What is wrong at all ranks the first one says; the launcher ends the others then.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(5);

    /// <summary>The launcher that has started this command as one of several, where its verb is one that ranks share; else null.</summary>
    public static Launcher? Find(string[] words)
    {
        if (words is not ["train" or "evaluate" or "sweep", ..] || Launcher.Find() is not { } launcher)
            return null;
        // What ranks say goes into one log. Launchers make it look like a terminal, to which the runtime would send a sequence of its own.
        Environment.SetEnvironmentVariable("TERM", "dumb");
        return words[0] == "sweep" ? null : launcher; // whose processes share runs without a word to each other
    }

    /// <summary>Joins the other ranks.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Session Join(Session session, Launcher launcher)
    {
        (int cores, int online) = (Environment.ProcessorCount, CoresOfLauncher());
        if (launcher.LeavesCores(cores, online))
            session.Terminal.Warn($"each rank may use {cores} of this machine's {online} cores: a launcher binds ranks to single cores unless told otherwise, as Open MPI's mpirun is with --bind-to none.");
        return session with { Ranks = MpiRanks.Join(), ThreadsEach = launcher.ThreadsEach(cores, online) };
    }

    /// <summary>Says it where Slurm has started several of this command that each do the whole work.</summary>
    public static void Look(Session session)
    {
        if (session.CommandLine is ["train" or "evaluate", ..] && Environment.GetEnvironmentVariable("SLURM_PROCID") == "0" && Launcher.Strangers(Environment.GetEnvironmentVariable) is { } count)
            session.Terminal.Warn($"srun has started {count} processes that know nothing of each other, so each does the whole work: --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH) makes them ranks of one run.");
    }

    /// <summary>Threads for each of the processes that a launcher has started on this machine.</summary>
    public static int ThreadsEach(Launcher launcher) => launcher.ThreadsEach(Environment.ProcessorCount, CoresOfLauncher());

    /// <summary>Leaves them, when all ranks have come to the end.</summary>
    public static void Leave(Session session) => (session.Ranks as IDisposable)?.Dispose();

    /// <summary>Ends a rank that is not the first and cannot go on: with a word of its own if the first has none.</summary>
    public static int Report(Exception exception, Launcher launcher)
    {
        Thread.Sleep(Courtesy);
        return Failure.Report(exception, new Terminal { Name = $"unroll (rank {launcher.Rank} on {Environment.MachineName})" });
    }

    /// <summary>Ends a rank that is not the first with an exit code.</summary>
    public static int End(int code)
    {
        if (code == Failure.WrongUsage)
            Thread.Sleep(Courtesy);
        return code;
    }

    // The cores that whoever started this process may use: this process may have been bound to some of them.
    private static int CoresOfLauncher()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("SLURM_CPUS_ON_NODE"), NumberStyles.None, CultureInfo.InvariantCulture, out int given))
            return given;
        try
        {
            string parent = Field("/proc/self/status", "PPid:");
            return Environment.ProcessorCount * Count(Field($"/proc/{parent}/status", "Cpus_allowed_list:")) / Count(Field("/proc/self/status", "Cpus_allowed_list:"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return Environment.ProcessorCount;
        }
    }

    private static string Field(string file, string name) =>
        File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();

    // Such as "0-3,8,10-11": seven.
    private static int Count(string list) => list.Split(',').Sum(range =>
    {
        int[] ends = [.. range.Split('-').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return ends[^1] - ends[0] + 1;
    });
}
