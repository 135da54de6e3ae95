// Whether somebody has started this process as one of several that belong together: mpirun, mpiexec or srun, by the variables that they
// set. Looking costs nothing and loads nothing, so every program may ask.
using System.Globalization;

namespace Unroll.Ranks;

/// <summary>What a launcher of MPI programs has told this process.</summary>
/// <param name="Kind">Whose launcher it is.</param>
/// <param name="Rank">Which rank this process is to be.</param>
/// <param name="Count">How many ranks there are to be.</param>
/// <param name="Local">How many of them are on this machine; null = it does not say.</param>
internal sealed record Launcher(LauncherKind Kind, int Rank, int Count, int? Local)
{
    // Slurm sets its own for the script around a job, too: there nothing has been launched.
    private static readonly (LauncherKind Kind, string Rank, string Count, string Local)[] Known =
    [
        (LauncherKind.OpenMpi, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        (LauncherKind.Mpich, "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"),
        (LauncherKind.Any, "PMIX_RANK", "SLURM_STEP_NUM_TASKS", ""),
    ];

    /// <summary>What a launcher has told; null where there is none, or one that has started one process only.</summary>
    public static Launcher? Find() => Find(Environment.GetEnvironmentVariable);

    /// <summary>The same from given variables.</summary>
    public static Launcher? Find(Func<string, string?> variable)
    {
        foreach ((LauncherKind kind, string rank, string count, string local) in Known)
            if (Number(variable(rank)) is { } mine && Number(variable(count)) is { } all)
                return all > 1 ? new Launcher(kind, mine, all, Number(variable(local)) ?? OfSlurmsNode(variable)) : null;
        return null;
    }

    /// <summary>How many processes Slurm's srun has started that are to know nothing of each other; null where it has not, or one.</summary>
    public static int? Strangers(Func<string, string?> variable) =>
        Known.All(known => variable(known.Rank) is null) && Number(variable("SLURM_PROCID")) is not null && Number(variable("SLURM_STEP_NUM_TASKS")) is > 1 and { } tasks
            ? tasks : null;

    /// <summary>Threads for each rank of a machine, so that together they have one a core.</summary>
    /// <param name="cores">Cores that this process may use.</param>
    /// <param name="online">Cores of the machine.</param>
    public int ThreadsEach(int cores, int online) => Math.Clamp(online / (Local ?? 1), 1, cores);

    /// <summary>Whether the ranks of a machine may use a part of its cores only: launchers bind ranks to single cores unless told
    /// otherwise.</summary>
    /// <inheritdoc cref="ThreadsEach"/>
    public bool LeavesCores(int cores, int online) => cores * (Local ?? 1) < online;

    // Slurm says how many processes a step has on each machine, such as "2(x3),1" for 2, 2, 2 and 1, and which of the machines this is.
    private static int? OfSlurmsNode(Func<string, string?> variable)
    {
        if (Number(variable("SLURM_NODEID")) is not { } node || variable("SLURM_STEP_TASKS_PER_NODE") is not { } list)
            return null;
        foreach (string group in list.Split(','))
        {
            string[] parts = group.Split("(x");
            node -= parts.Length > 1 ? Number(parts[1].TrimEnd(')')) ?? 1 : 1;
            if (node < 0)
                return Number(parts[0]);
        }
        return null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
