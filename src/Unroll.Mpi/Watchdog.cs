// What ends a rank that waits for others in vain: MPI finds a process that has died, but not a cable that was pulled, for which it waits
// as long as the operating system does, many minutes.
using System.Runtime.InteropServices;

namespace Unroll.Mpi;

/// <summary>Ends this process when a call takes too long.</summary>
internal sealed partial class Watchdog
{
    private readonly TimeSpan patience;
    private readonly Action<TimeSpan> bite;
    private long waitingSince; // a timestamp; 0 = no call is under way

    /// <param name="patience">How long a call may take.</param>
    /// <param name="bite">What is done then.</param>
    public Watchdog(TimeSpan patience, Action<TimeSpan> bite)
    {
        (this.patience, this.bite) = (patience, bite);
        new Thread(Watch) { IsBackground = true, Name = "Unroll watchdog" }.Start();
    }

    /// <summary>A call begins.</summary>
    public void Begin() => Volatile.Write(ref waitingSince, TimeProvider.System.GetTimestamp());

    /// <summary>The call is over.</summary>
    public void End() => Volatile.Write(ref waitingSince, 0);

    /// <summary>Ends the process without asking the library, which would wait for the others once more.</summary>
    public static void EndProcess(int code)
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(code);
        ExitNow(code);
    }

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(patience < TimeSpan.FromSeconds(4) ? patience / 4 : TimeSpan.FromSeconds(1));
            if (Volatile.Read(ref waitingSince) is not 0 and long since && TimeProvider.System.GetElapsedTime(since) > patience)
                bite(patience);
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
