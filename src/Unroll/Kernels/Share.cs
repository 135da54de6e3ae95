namespace Unroll.Kernels;

/// <summary>Which part of a row of equal pieces of work is one thread's.</summary>
internal static class Share
{
    /// <summary>The pieces [start, end) of the part with this number; parts differ by one piece at most.</summary>
    public static (int Start, int End) Of(int total, int parts, int part) =>
        ((int)((long)total * part / parts), (int)((long)total * (part + 1) / parts));
}
