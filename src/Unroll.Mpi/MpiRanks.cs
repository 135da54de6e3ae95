// The ranks of an MPI job: the same command, started several times by mpirun, mpiexec or srun, on one machine or on many.
using System.Globalization;
using Unroll.Ranks;

namespace Unroll.Mpi;

/// <summary>The processes of an MPI job. The thread that joins makes all calls, which is the one that trains.</summary>
public sealed class MpiRanks : RankGroup, IDisposable
{
    // The seconds that a rank waits for the others, and the environment variable that says otherwise.
    private const double Patience = 50;
    private const string PatienceVariable = "UNROLL_MPI_PATIENCE";

    private readonly MpiLibrary library;
    private readonly Watchdog watchdog;
    private bool trains; // only then are ranks expected to come at the same time

    private MpiRanks(MpiLibrary library, int rank, int count)
    {
        (this.library, Rank, Count) = (library, rank, count);
        string? asked = Environment.GetEnvironmentVariable(PatienceVariable);
        double seconds = double.TryParse(asked, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double given) && given > 0 ? given : Patience;
        watchdog = new Watchdog(TimeSpan.FromSeconds(seconds), GiveUp);
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <summary>The library that messages go through, as it was found.</summary>
    public string Library => library.Name;

    /// <summary>Joins the job that this process was started in.</summary>
    /// <returns>Its ranks; null where no launcher has started several, and nothing has been loaded.</returns>
    /// <exception cref="UnrollException">There is no library that goes with the launcher.</exception>
    public static MpiRanks? Join()
    {
        if (Launcher.Find() is not { } launcher)
            return null;
        string? named = Environment.GetEnvironmentVariable(MpiLibrary.Variable);
        IReadOnlyList<string> names = string.IsNullOrEmpty(named)
            ? MpiLibrary.NamesFor(launcher.Kind == LauncherKind.OpenMpi, launcher.Kind == LauncherKind.Mpich)
            : [named];
        MpiLibrary library;
        try
        {
            library = MpiLibrary.Load(names) ?? throw new UnrollException(
                $"A launcher has started {launcher.Count} ranks, but there is no MPI library ({string.Join(", ", names)}): install the one that the launcher belongs to, or name it in {MpiLibrary.Variable}.");
        }
        catch (EntryPointNotFoundException missing)
        {
            throw new UnrollException($"{string.Join(", ", names)} is no MPI library that Unroll can use ({missing.Message}): name another in {MpiLibrary.Variable}.", missing);
        }
        library.Initialize();
        (int rank, int count) = (library.Rank(), library.Count());
        if (count != launcher.Count)
            throw new UnrollException(
                $"The launcher has started {launcher.Count} ranks, but {library.Name} sees {count}: it belongs to another MPI. Name the launcher's own library in {MpiLibrary.Variable}.");
        return new MpiRanks(library, rank, count);
    }

    /// <inheritdoc/>
    public override void Gather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts)
    {
        Begin();
        library.Gather(piece, all, counts);
        watchdog.End();
    }

    /// <inheritdoc/>
    public override RankRequest BeginExchange(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts)
    {
        trains = true;
        var request = new MpiRequest(this);
        library.BeginExchange(send, sendCounts, receive, receiveCounts, request);
        return request;
    }

    /// <inheritdoc/>
    public override RankRequest BeginGather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts)
    {
        var request = new MpiRequest(this);
        library.BeginGather(piece, all, counts, request);
        return request;
    }

    /// <inheritdoc/>
    public override void Broadcast(Span<byte> bytes)
    {
        Begin();
        library.Broadcast(bytes);
        watchdog.End();
    }

    /// <inheritdoc/>
    public override void Swap(int partner, ReadOnlySpan<byte> send, Span<byte> receive)
    {
        trains = true;
        watchdog.Begin();
        library.Swap(partner, send, receive);
        watchdog.End();
    }

    /// <summary>Leaves the job, when all ranks do.</summary>
    public void Dispose() => library.Finish();

    /// <summary>See <see cref="RankRequest.Test"/>.</summary>
    internal bool Test(MpiRequest request) => library.Test(request);

    /// <summary>See <see cref="RankRequest.Wait"/>.</summary>
    internal void Wait(MpiRequest request)
    {
        watchdog.Begin();
        library.Wait(request);
        watchdog.End();
    }

    // Until gradients are exchanged ranks read texts, each as fast as it can.
    private void Begin()
    {
        if (trains)
            watchdog.Begin();
    }

    private void GiveUp(TimeSpan patience)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"unroll: Rank {Rank} on {Environment.MachineName} has waited {patience.TotalSeconds:0.#} seconds for the others, so the job ends: a machine or its network has failed. The run can be resumed from its last save, on as many ranks as there are then."));
        StuckLauncher.EndSoon();
        Watchdog.EndProcess(1);
    }
}
