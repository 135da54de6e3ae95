// A launcher that hears of a failed rank ends the others, and asks the other machines to. One that cannot be reached does not answer,
// and launchers wait for it without end. The sentence would be said, and the job would still be there.
using System.ComponentModel;
using System.Diagnostics;

namespace Unroll.Mpi;

/// <summary>The launcher that has started this process, if it is on this machine.</summary>
internal static class StuckLauncher
{
    private const int Patience = 5; // seconds

    // As the system knows them, by their first 15 letters.
    private static readonly string[] Names =
    [
        "mpirun", "mpiexec", "orterun", "prterun", "prun", "mpirun.openmpi", "mpiexec.openmpi", "mpiexec.hydra", "mpirun.mpich", "mpiexec.mpich",
    ];

    // MPICH's has one of these on each machine, between itself and the ranks.
    private const string Proxy = "hydra_pmi_proxy";

    /// <summary>Sees to it that the launcher ends too, once it has had the time to do it by itself. Returns at once.</summary>
    public static void EndSoon()
    {
        try
        {
            string launcher = ParentOf("self");
            if (NameOf(launcher) == Proxy)
                launcher = ParentOf(launcher);
            if (!Names.Contains(NameOf(launcher)))
                return;
            // In a session of its own, for the launcher may end this process's.
            Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"exec >/dev/null 2>&1 </dev/null; sleep {Patience}; kill -KILL {launcher}"]))?.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or Win32Exception)
        {
            // Where there is no /proc or no setsid, the launcher is on its own.
        }
    }

    private static string ParentOf(string process) =>
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))["PPid:".Length..].Trim();

    private static string NameOf(string process) => File.ReadAllText($"/proc/{process}/comm").Trim();
}
