namespace Unroll;

/// <summary>A call of <see cref="RankGroup"/> that is under way (MPI's request). It is asked, or waited for, until it is over.</summary>
public abstract class RankRequest
{
    /// <summary>Whether it is over. Asking lets messages go on, so whoever computes beside asks now and then.</summary>
    public abstract bool Test();

    /// <summary>Waits until it is over.</summary>
    public abstract void Wait();
}
