// Replaces a file so that a crash, a kill or a full disk at any moment leaves the old file or the new one, whole:
// a temporary file in the same folder, flushed to disk, renamed over the old one.
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace Unroll.Files;

/// <summary>Writes whole files or nothing.</summary>
internal static class AtomicFile
{
    private const string Ending = ".tmp";
    private const int RandomLength = 8;
    private const int DiskFull = 28;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; a link is followed. An old file there is replaced.</param>
    /// <param name="content">Writes the content from its start to its end.</param>
    /// <exception cref="UnrollException">It cannot be written; the old file, if any, is as it was.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        try
        {
            string target = Target(path);
            RemoveLeftovers(target);
            Replace(target, content);
            FlushFolder(Path.GetDirectoryName(target)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            throw new UnrollException($"\"{path}\" cannot be written: {Reason(e)}", e);
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
        return target;
    }

    private static void Replace(string target, Action<Stream> content)
    {
        string? temporary = null;
        try
        {
            // It stays open, and so locked against RemoveLeftovers of another writer, until it has its final name.
            using FileStream stream = Create(target);
            temporary = stream.Name;
            content(stream);
            stream.Flush(flushToDisk: true);
            File.Move(temporary, target, overwrite: true);
            temporary = null;
        }
        finally
        {
            if (temporary is not null)
                File.Delete(temporary);
        }
    }

    private static FileStream Create(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            string temporary = $"{target}.{Path.GetRandomFileName()[..RandomLength]}{Ending}";
            try
            {
                var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
                // Between its creation and its lock another writer may have taken it for a leftover and deleted it.
                if (File.Exists(temporary))
                    return stream;
                stream.Dispose();
            }
            // That other writer may also be at it just now.
            catch (IOException) when (attempt < 5)
            {
            }
        }
    }

    /// <summary>Deletes temporary files that killed processes left. Those of living ones are locked.</summary>
    private static void RemoveLeftovers(string target)
    {
        string start = Path.GetFileName(target) + ".";
        var everything = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true };
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!, "*" + Ending, everything))
        {
            ReadOnlySpan<char> name = Path.GetFileName(file.AsSpan());
            if (!name.StartsWith(start, StringComparison.Ordinal) || name.Length != start.Length + RandomLength + Ending.Length
                || name.Slice(start.Length, RandomLength).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz012345"))
                continue;
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private static string Reason(Exception e) => e switch
    {
        { HResult: DiskFull or DiskFullOnWindows } => "the disk is full.",
        UnauthorizedAccessException or SecurityException => "permission to write in this folder is denied.",
        _ => e.Message.TrimEnd('.') + ".",
    };

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
