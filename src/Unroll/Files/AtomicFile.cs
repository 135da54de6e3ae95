// Replaces a file so that a crash, a kill or a full disk at any moment leaves the old file or the new one, whole:
// a temporary file in the same folder, flushed to disk, renamed over the old one.
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace Unroll.Files;

/// <summary>Writes whole files or nothing.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; a link is followed. An old file there is replaced, and the new one may be read and written by
    /// the same people.</param>
    /// <param name="content">Writes the content from its start to its end.</param>
    /// <exception cref="UnrollException">It cannot be written; the old file, if any, is as it was.</exception>
    public static void Write(string path, Action<Stream> content) => Explain(path, target =>
    {
        // It stays open, and so locked against another writer's tidying up, until it has its final name.
        using TemporaryFile file = TemporaryFile.Beside(target);
        content(file.Content);
        RandomAccess.FlushToDisk(file.Handle);
        file.MoveTo(target);
        FlushFolder(Path.GetDirectoryName(target)!);
    });

    /// <summary>Checks that a file could be written, as far as can be seen before there is anything to write.</summary>
    /// <exception cref="UnrollException">It could not.</exception>
    public static void Check(string path) => Explain(path, target => TemporaryFile.Beside(target).Dispose());

    private static void Explain(string path, Action<string> work)
    {
        try
        {
            work(Target(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            throw new UnrollException($"\"{path}\" cannot be written: {TemporaryFile.Reason(e)}.", e);
        }
    }

    private static string Target(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new IOException("this is not the name of a file.");
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            file = (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        string target = file.FullName;
        if (Directory.Exists(target))
            throw new IOException("it is a folder; give the name of a file.");
        // Renaming over a device would replace it, to the dismay of every other program.
        if (!OperatingSystem.IsWindows() && target.StartsWith("/dev/", StringComparison.Ordinal) && !target.StartsWith("/dev/shm/", StringComparison.Ordinal))
            throw new IOException("it is a device; give the name of a file.");
        if (!Directory.Exists(file.DirectoryName))
            throw new IOException($"the folder \"{file.DirectoryName}\" does not exist.");
        if (file.Exists && file.IsReadOnly)
            throw new IOException("it is write-protected; choose another name, or allow writing to it.");
        if (file is { Exists: true, Length: 0 } && IsPipe(target))
            throw new IOException("it is a pipe; give the name of a file.");
        return target;
    }

    private static bool IsPipe(string path)
    {
        // For reading and writing at once: whoever opened a pipe for one of them would wait for somebody at its other end.
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return !file.CanSeek;
    }

    /// <summary>Makes the rename last through a power cut, on systems where folders can be flushed.</summary>
    private static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;
        int handle = Open(Encoding.UTF8.GetBytes(folder + '\0'), 0);
        if (handle < 0)
            return;
        _ = Flush(handle);
        _ = Close(handle);
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}
