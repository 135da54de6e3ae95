using Unroll.Files;

namespace Unroll.Cli.Output;

/// <summary>Files that are written: what is there already and is not Unroll's stays as it is.</summary>
internal static class OwnFile
{
    /// <summary>Checks that a file can be written, and that what it would replace is Unroll's.</summary>
    /// <param name="option">Which option names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="isOurs">Whether a file that is there is one that Unroll wrote.</param>
    /// <param name="what">What it is then.</param>
    /// <param name="remedy">What to do otherwise.</param>
    /// <exception cref="UnrollException">It cannot be written, or holds something that Unroll did not make.</exception>
    public static void Check(string option, string path, Func<string, bool> isOurs, string what, string remedy)
    {
        CanBeWritten(option, path);
        if (FirstLook.File(path) != null && !isOurs(path))
            throw new UnrollException($"{path} is there already and is not {what}, so it stays as it is; {remedy}.");
    }

    /// <summary>Checks that a file can be written.</summary>
    /// <inheritdoc cref="Check"/>
    public static void CanBeWritten(string option, string path)
    {
        try
        {
            AtomicFile.Check(path);
        }
        catch (UnrollException exception)
        {
            throw new UnrollException($"{option}: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a file has some bytes among its first.</summary>
    /// <param name="path">A file.</param>
    /// <param name="mark">The bytes.</param>
    /// <param name="within">How many bytes to look at.</param>
    public static bool Begins(string path, ReadOnlySpan<byte> mark, int within)
    {
        byte[] start = new byte[within];
        using FileStream content = File.OpenRead(path);
        return start.AsSpan(0, content.ReadAtLeast(start, within, throwOnEndOfStream: false)).IndexOf(mark) >= 0;
    }
}
