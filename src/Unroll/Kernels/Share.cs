namespace Unroll.Kernels;

/// <summary>Which part of a row of equal pieces of work is one thread's.</summary>
internal static class Share
{
    /// <summary>Floats of a cache line.</summary>
    private const int Line = 16;

    /// <summary>The pieces [start, end) of the part with this number; parts differ by one piece at most.</summary>
    public static (int Start, int End) Of(int total, int parts, int part) =>
        ((int)((long)total * part / parts), (int)((long)total * (part + 1) / parts));

    /// <summary>A part of a row of floats, in whole cache lines.</summary>
    public static (int Start, int End) OfColumns(int columns, int parts, int part)
    {
        (int start, int end) = Of((int)(((long)columns + Line - 1) / Line), parts, part);
        return (Math.Min(start * Line, columns), (int)Math.Min((long)end * Line, columns));
    }
}
