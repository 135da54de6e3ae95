namespace Unroll.Mpi;

/// <summary>What differs from one MPI library to another in a program's memory.</summary>
internal enum MpiAbi
{
    /// <summary>Open MPI: handles are addresses of objects in the library.</summary>
    OpenMpi,

    /// <summary>MPICH and its kin (Intel MPI, Cray MPICH, MVAPICH, MS-MPI): handles are integers.</summary>
    Mpich,

    /// <summary>The standard's own, from MPI 5 on: small integers.</summary>
    Standard,
}
