// A few functions of an MPI library, found when they are needed: which library there is, nobody knows before. Of its constants two are
// used, the group of all ranks and the type "byte", which with these calls is all that differs between libraries; sums are Unroll's
// own. Handles fill a register whether they are integers or addresses, so one signature serves all.
using System.Runtime.InteropServices;

namespace Unroll.Mpi;

/// <summary>A loaded library.</summary>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>Names the library, where it is not to be looked for.</summary>
    public const string Variable = "UNROLL_MPI";

    private const string OpenMpi = "libmpi.so.40", Mpich = "libmpi.so.12", DebianMpich = "libmpich.so.12", Standard = "libmpi_abi.so.1", Windows = "msmpi.dll";

    // How a library says "no status wanted" differs, and so does a status's size: here is room for any.
    private const int StatusLength = 256;

    private readonly nint world;
    private readonly nint bytes;
    private readonly delegate* unmanaged<int*, byte***, int, int*, int> initialize;
    private readonly delegate* unmanaged<int> finalize;
    private readonly delegate* unmanaged<nint, int*, int> rank;
    private readonly delegate* unmanaged<nint, int*, int> size;
    private readonly delegate* unmanaged<nint, int> barrier;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, int> broadcast;
    private readonly delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, int> gather;
    private readonly delegate* unmanaged<void*, int, nint, int, int, void*, int, nint, int, int, nint, void*, int> swap;
    private readonly delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int> beginExchange;
    private readonly delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, nint*, int> beginGather;
    private readonly delegate* unmanaged<nint*, int*, void*, int> test;
    private readonly delegate* unmanaged<nint*, void*, int> wait;
    private readonly delegate* unmanaged<nint, nint*, int> duplicate;
    private nint gathering; // all ranks once more: what begins there keeps an order of its own

    private MpiLibrary(string name, nint handle)
    {
        Name = name;
        Abi = AbiOf(handle);
        (world, bytes) = Abi switch
        {
            MpiAbi.OpenMpi => (NativeLibrary.GetExport(handle, "ompi_mpi_comm_world"), NativeLibrary.GetExport(handle, "ompi_mpi_byte")),
            MpiAbi.Mpich => (0x44000000, 0x4c00010d),
            _ => (0x101, 0x247),
        };
        initialize = (delegate* unmanaged<int*, byte***, int, int*, int>)NativeLibrary.GetExport(handle, "MPI_Init_thread");
        finalize = (delegate* unmanaged<int>)NativeLibrary.GetExport(handle, "MPI_Finalize");
        rank = (delegate* unmanaged<nint, int*, int>)NativeLibrary.GetExport(handle, "MPI_Comm_rank");
        size = (delegate* unmanaged<nint, int*, int>)NativeLibrary.GetExport(handle, "MPI_Comm_size");
        barrier = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(handle, "MPI_Barrier");
        broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)NativeLibrary.GetExport(handle, "MPI_Bcast");
        gather = (delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, int>)NativeLibrary.GetExport(handle, "MPI_Allgatherv");
        swap = (delegate* unmanaged<void*, int, nint, int, int, void*, int, nint, int, int, nint, void*, int>)NativeLibrary.GetExport(handle, "MPI_Sendrecv");
        beginExchange = (delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int>)NativeLibrary.GetExport(handle, "MPI_Ialltoallv");
        beginGather = (delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, nint*, int>)NativeLibrary.GetExport(handle, "MPI_Iallgatherv");
        test = (delegate* unmanaged<nint*, int*, void*, int>)NativeLibrary.GetExport(handle, "MPI_Test");
        wait = (delegate* unmanaged<nint*, void*, int>)NativeLibrary.GetExport(handle, "MPI_Wait");
        duplicate = (delegate* unmanaged<nint, nint*, int>)NativeLibrary.GetExport(handle, "MPI_Comm_dup");
    }

    /// <summary>The name that it was found under.</summary>
    public string Name { get; }

    /// <summary>Whose kind it is.</summary>
    public MpiAbi Abi { get; }

    /// <summary>Under which names libraries are looked for, the likeliest first: each works with its own launcher only.</summary>
    public static IReadOnlyList<string> NamesFor(bool launchedByOpenMpi, bool launchedByMpich) =>
        OperatingSystem.IsWindows() ? [Windows]
        : launchedByMpich && !launchedByOpenMpi ? [Mpich, DebianMpich, Standard, OpenMpi]
        : [OpenMpi, Mpich, DebianMpich, Standard];

    /// <summary>Loads the first library that there is.</summary>
    /// <param name="names">Where to look.</param>
    /// <returns>The library, or null where there is none.</returns>
    public static MpiLibrary? Load(IEnumerable<string> names)
    {
        // UCX, which MPI libraries send through, would take the signal by which .NET learns of a null reference, and end the process.
        // It reads its settings when it is loaded, and it reads C's environment, which is not .NET's.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable("UCX_ERROR_SIGNALS", "SIGILL,SIGBUS,SIGFPE", overwrite: 0);
        foreach (string name in names)
            if (NativeLibrary.TryLoad(name, out nint handle))
                return new MpiLibrary(name, handle);
        return null;
    }

    /// <summary>Joins the other ranks. From here on calls come from one thread.</summary>
    public void Initialize()
    {
        int provided, funneled = Abi == MpiAbi.Standard ? 1024 : 1;
        Check(initialize(null, null, funneled, &provided));
        nint copy = 0; // a handle may be shorter
        Check(duplicate(world, &copy));
        gathering = copy;
    }

    /// <summary>Waits for all ranks to leave.</summary>
    public void Finish() => Check(finalize());

    /// <summary>This process's rank.</summary>
    public int Rank()
    {
        int number;
        Check(rank(world, &number));
        return number;
    }

    /// <summary>How many ranks there are.</summary>
    public int Count()
    {
        int number;
        Check(size(world, &number));
        return number;
    }

    /// <summary>Waits for all ranks.</summary>
    public void Meet() => Check(barrier(world));

    /// <summary>See <see cref="RankGroup.Broadcast"/>.</summary>
    public void Broadcast(Span<byte> values)
    {
        fixed (byte* start = values)
            Check(broadcast(start, values.Length, bytes, 0, world));
    }

    /// <summary>See <see cref="RankGroup.Gather"/>.</summary>
    public void Gather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts)
    {
        Span<int> starts = stackalloc int[counts.Length];
        Starts(counts, starts);
        fixed (byte* from = piece, to = all)
        fixed (int* toCounts = counts, toStarts = starts)
            Check(gather(from, piece.Length, bytes, to, toCounts, toStarts, bytes, world));
    }

    /// <summary>See <see cref="RankGroup.BeginExchange"/>.</summary>
    public void BeginExchange(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts, MpiRequest request)
    {
        int* fromCounts = request.Keep(sendCounts, 0, out int* fromStarts), toCounts = request.Keep(receiveCounts, 1, out int* toStarts);
        fixed (byte* from = send, to = receive)
            Check(beginExchange(from, fromCounts, fromStarts, bytes, to, toCounts, toStarts, bytes, world, request.Handle));
    }

    /// <summary>See <see cref="RankGroup.BeginGather"/>.</summary>
    public void BeginGather(ReadOnlySpan<byte> piece, Span<byte> all, ReadOnlySpan<int> counts, MpiRequest request)
    {
        int* toCounts = request.Keep(counts, 0, out int* toStarts);
        fixed (byte* from = piece, to = all)
            Check(beginGather(from, piece.Length, bytes, to, toCounts, toStarts, bytes, gathering, request.Handle));
    }

    /// <summary>Whether a call is over.</summary>
    public bool Test(MpiRequest request)
    {
        byte* status = stackalloc byte[StatusLength];
        int flag = 0;
        Check(test(request.Handle, &flag, status));
        return flag != 0;
    }

    /// <summary>Waits for the end of a call.</summary>
    public void Wait(MpiRequest request)
    {
        byte* status = stackalloc byte[StatusLength];
        Check(wait(request.Handle, status));
    }

    /// <summary>See <see cref="RankGroup.Swap"/>.</summary>
    public void Swap(int partner, ReadOnlySpan<byte> send, Span<byte> receive)
    {
        byte* status = stackalloc byte[StatusLength];
        fixed (byte* from = send, to = receive)
            Check(swap(from, send.Length, bytes, partner, 0, to, receive.Length, bytes, partner, 0, world, status));
    }

    private static MpiAbi AbiOf(nint handle)
    {
        if (NativeLibrary.TryGetExport(handle, "MPI_Abi_get_version", out nint version))
        {
            int major = 0, minor = 0;
            _ = ((delegate* unmanaged<int*, int*, int>)version)(&major, &minor);
            if (major > 0)
                return MpiAbi.Standard;
        }
        return NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_world", out _) ? MpiAbi.OpenMpi : MpiAbi.Mpich;
    }

    /// <summary>Where pieces of these lengths start when they follow one another.</summary>
    public static void Starts(ReadOnlySpan<int> counts, Span<int> starts)
    {
        starts[0] = 0;
        for (int i = 1; i < counts.Length; i++)
            starts[i] = checked(starts[i - 1] + counts[i - 1]);
    }

    // Libraries end the job at an error unless told otherwise, so this is seldom seen.
    private static void Check(int code)
    {
        if (code != 0)
            throw new UnrollException($"The MPI library reports error {code}; the job cannot go on.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
