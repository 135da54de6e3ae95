using System.Runtime.InteropServices;

namespace Unroll.Mpi;

/// <summary>A call of a library that goes on by itself, and what the library reads until it is over.</summary>
internal sealed unsafe class MpiRequest : RankRequest
{
    private readonly MpiRanks ranks;
    private nint* memory; // the library's handle, then twice [2][P] counts and starts; null once the call is over

    /// <param name="ranks">Whose call it is.</param>
    public MpiRequest(MpiRanks ranks)
    {
        this.ranks = ranks;
        memory = (nint*)NativeMemory.AllocZeroed((nuint)(sizeof(nint) + 4 * ranks.Count * sizeof(int)));
    }

    /// <summary>Where the library keeps what it calls a request.</summary>
    public nint* Handle => memory;

    /// <summary>Keeps the counts of pieces that follow one another.</summary>
    /// <param name="counts">[P].</param>
    /// <param name="which">0 or 1.</param>
    /// <param name="starts">[P] where the pieces start.</param>
    /// <returns>[P] the counts.</returns>
    public int* Keep(ReadOnlySpan<int> counts, int which, out int* starts)
    {
        int* kept = (int*)(memory + 1) + which * 2 * counts.Length;
        starts = kept + counts.Length;
        counts.CopyTo(new Span<int>(kept, counts.Length));
        MpiLibrary.Starts(counts, new Span<int>(starts, counts.Length));
        return kept;
    }

    /// <inheritdoc/>
    public override bool Test()
    {
        if (memory is not null && ranks.Test(this))
            Free();
        return memory is null;
    }

    /// <inheritdoc/>
    public override void Wait()
    {
        if (memory is null)
            return;
        ranks.Wait(this);
        Free();
    }

    private void Free()
    {
        NativeMemory.Free(memory);
        memory = null;
    }
}
