using Microsoft.Win32.SafeHandles;

namespace Unroll.Files;

/// <summary>A file that is being written: nobody's until it is moved to its name, and gone if it never is.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private const string Ending = ".part";
    private const int DiskFull = 28;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>Creates one, and removes those that killed processes left.</summary>
    public TemporaryFile(string folder)
    {
        RemoveLeftovers(folder);
        (Handle, Path) = Create(folder);
    }

    /// <summary>The file, open and locked.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Where it is.</summary>
    public string Path { get; private set; }

    /// <summary>A file that is there as long as it is open.</summary>
    public static (SafeFileHandle File, string Name) Nameless(string folder)
    {
        RemoveLeftovers(folder);
        (SafeFileHandle handle, string path) = Create(folder);
        File.Delete(path); // the name goes; a file goes with its last handle
        return (handle, path);
    }

    /// <summary>Deletes files that killed processes left. Those of living ones are locked.</summary>
    /// <returns>The bytes they had.</returns>
    public static long RemoveLeftovers(string? folder)
    {
        long freed = 0;
        if (folder is null || !Directory.Exists(folder))
            return freed;
        foreach (string path in Directory.EnumerateFiles(folder, "*" + Ending))
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                long length = file.Length;
                File.Delete(path);
                freed += length;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is in use, or not ours.
            }
        }
        return freed;
    }

    /// <summary>Writes bytes at a position.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position)
    {
        try
        {
            RandomAccess.Write(file, bytes, position);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // What the platform makes of a limit on the length of files (EFBIG).
            throw new IOException("No file may be so long there.", exception);
        }
    }

    /// <summary>Gives it its name, in the same folder; a file that has it is replaced.</summary>
    public void MoveTo(string path)
    {
        File.Move(Path, path, overwrite: true);
        Path = path;
        Handle.Dispose();
    }

    /// <summary>Why a file cannot be written, in words.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        { HResult: DiskFull or DiskFullOnWindows } => "the disk is full",
        UnauthorizedAccessException => "permission to write there is denied",
        _ => exception.Message.TrimEnd('.'),
    };

    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        File.Delete(Path);
        Handle.Dispose();
    }

    private static (SafeFileHandle File, string Path) Create(string folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            string path = System.IO.Path.Combine(folder, System.IO.Path.GetRandomFileName() + Ending);
            try
            {
                SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
                // Between its creation and its lock another process may have taken it for a leftover and deleted it.
                if (File.Exists(path))
                    return (handle, path);
                handle.Dispose();
            }
            // That other process may also be at it just now.
            catch (IOException) when (attempt < 5 && Directory.Exists(folder))
            {
            }
        }
    }
}
