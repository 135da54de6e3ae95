// A file under a name of its own until it is whole: in a folder of ours, or beside the file that it is to replace. It is
// locked as long as somebody writes it, so that what killed processes left can be told from what living ones are at.
using System.Security;
using Microsoft.Win32.SafeHandles;

namespace Unroll.Files;

/// <summary>A file that is being written: nobody's until it is moved to its name, and gone if it never is.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private const string EndingOfOurs = ".part"; // in a folder where nobody else keeps anything
    private const string EndingBeside = ".tmp";
    private const int RandomLength = 8;
    private const int DiskFull = 28;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    private readonly FileStream stream;

    /// <summary>Creates one in a folder that is ours, and removes those that killed processes left there.</summary>
    public TemporaryFile(string folder)
    {
        RemoveLeftovers(folder);
        stream = Create(folder, "", EndingOfOurs, mode: null);
        Path = stream.Name;
    }

    private TemporaryFile(FileStream stream) => (this.stream, Path) = (stream, stream.Name);

    /// <summary>The file, open and locked.</summary>
    public SafeFileHandle Handle => stream.SafeFileHandle;

    /// <summary>The same for who writes it from its start to its end; nothing is held back in a buffer.</summary>
    public Stream Content => stream;

    /// <summary>Where it is.</summary>
    public string Path { get; private set; }

    /// <summary>Creates one beside the file that it is to replace, readable by the same people, and removes those that killed
    /// processes left of that file.</summary>
    public static TemporaryFile Beside(string target)
    {
        string folder = System.IO.Path.GetDirectoryName(target)!, start = System.IO.Path.GetFileName(target) + ".";
        RemoveLeftovers(folder, start, EndingBeside);
        return new TemporaryFile(Create(folder, start, EndingBeside, ModeOf(target)));
    }

    /// <summary>A file that is there as long as it is open.</summary>
    public static (SafeFileHandle File, string Name) Nameless(string folder)
    {
        RemoveLeftovers(folder);
        FileStream created = Create(folder, "", EndingOfOurs, mode: null);
        GC.SuppressFinalize(created); // from here on the handle alone holds the file
        File.Delete(created.Name); // the name goes; a file goes with its last handle
        return (created.SafeFileHandle, created.Name);
    }

    /// <summary>Deletes files that killed processes left in a folder of ours. Those of living ones are locked.</summary>
    /// <returns>The bytes they had.</returns>
    public static long RemoveLeftovers(string? folder) =>
        folder is null || !Directory.Exists(folder) ? 0 : RemoveLeftovers(folder, "", EndingOfOurs);

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
        stream.Dispose();
    }

    /// <summary>Why a file cannot be written, in words.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        { HResult: DiskFull or DiskFullOnWindows } => "the disk is full",
        UnauthorizedAccessException or SecurityException => "permission to write in this folder is denied",
        _ => exception.Message.TrimEnd('.'),
    };

    public void Dispose()
    {
        if (Handle.IsClosed)
            return;
        File.Delete(Path);
        stream.Dispose();
    }

    private static FileStream Create(string folder, string start, string ending, UnixFileMode? mode)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode; // from the first moment on: what nobody else may read is never open to them
        for (int attempt = 1; ; attempt++)
        {
            string path = System.IO.Path.Combine(folder, $"{start}{System.IO.Path.GetRandomFileName()[..RandomLength]}{ending}");
            try
            {
                var created = new FileStream(path, options);
                // Between its creation and its lock another process may have taken it for a leftover and deleted it.
                if (File.Exists(path))
                {
                    if (mode is { } wanted && !OperatingSystem.IsWindows())
                        File.SetUnixFileMode(created.SafeFileHandle, wanted); // whatever this process's mask takes away from new files
                    return created;
                }
                created.Dispose();
            }
            // That other process may also be at it just now.
            catch (IOException) when (attempt < 5 && Directory.Exists(folder))
            {
            }
        }
    }

    private static UnixFileMode? ModeOf(string path) => !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : null;

    private static long RemoveLeftovers(string folder, string start, string ending)
    {
        long freed = 0;
        var everything = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true };
        foreach (string path in Directory.EnumerateFiles(folder, "*" + ending, everything))
        {
            if (start.Length > 0 && !IsOurs(System.IO.Path.GetFileName(path.AsSpan()), start, ending))
                continue;
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

    // In a stranger's folder only what Create can have named is taken for a leftover.
    private static bool IsOurs(ReadOnlySpan<char> name, string start, string ending) =>
        name.StartsWith(start, StringComparison.Ordinal) && name.Length == start.Length + RandomLength + ending.Length
        && !name.Slice(start.Length, RandomLength).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz012345");
}
