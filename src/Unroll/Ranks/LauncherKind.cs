namespace Unroll.Ranks;

/// <summary>Whose launcher has started a process.</summary>
internal enum LauncherKind
{
    /// <summary>One that goes with every library, such as Slurm's.</summary>
    Any,

    /// <summary>Open MPI's.</summary>
    OpenMpi,

    /// <summary>MPICH's, or of one of its kin: Intel MPI, Cray MPICH, MVAPICH, MS-MPI.</summary>
    Mpich,
}
