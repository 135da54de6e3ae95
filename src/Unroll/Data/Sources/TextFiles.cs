using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Unroll.Data.Sources;

/// <summary>Finds and opens the files of a text, and says in a sentence why one cannot be read.</summary>
internal static class TextFiles
{
    private static readonly string[] Extensions = [".txt", ".md"];

    /// <summary>The file itself, or a folder's text files sorted by path.</summary>
    public static IReadOnlyList<string> Find(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new UnrollException($"There is no file or folder \"{path}\": check the spelling.");
        string[] files = Explain(path, () => List(path).ToArray());
        if (files.Length == 0)
            throw new UnrollException($"The folder \"{path}\" holds no .txt or .md file: name the files one by one, or choose another folder.");
        // By path as a person writes it, whatever the system's separator, so that every system reads the same text.
        return [.. files.OrderBy(file => SortKey(Path.GetRelativePath(path, file), Path.DirectorySeparatorChar), StringComparer.Ordinal)];
    }

    /// <summary>What the files of a folder are sorted by.</summary>
    internal static string SortKey(string relativePath, char separator) => relativePath.Replace(separator, '/');

    /// <summary>A file's text.</summary>
    public static IEnumerable<ReadOnlyMemory<char>> Read(string path)
    {
        using FileStream file = Explain(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan));
        foreach (ReadOnlyMemory<char> piece in Utf8Text.Read(file, path))
            yield return piece;
    }

    /// <summary>Opens a file for reads at any position.</summary>
    public static SafeFileHandle Open(string path) => Explain(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan));

    /// <summary>Reads bytes at a position: as many as there is room for, fewer only where the file ends.</summary>
    public static int Read(SafeFileHandle file, string path, Span<byte> bytes, long position)
    {
        int count = 0;
        try
        {
            for (int read = -1; read != 0 && count < bytes.Length; count += read)
                read = RandomAccess.Read(file, bytes[count..], position + count);
            return count;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The files' bytes in all.</summary>
    public static long Length(IReadOnlyList<string> files) => files.Sum(path => Explain(path, () => new FileInfo(path).Length));

    private static FileSystemEnumerable<string> List(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsText(entry.FileName),
        // A link to a folder may lead in a circle.
        ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };

    private static bool IsText(ReadOnlySpan<char> name)
    {
        foreach (string extension in Extensions)
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static T Explain<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnrollException($"\"{path}\" cannot be read: permission is denied. ({exception.Message})", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnrollException($"The file or folder \"{path}\" no longer exists: restore it, or name another one.", exception);
        }
        catch (IOException exception)
        {
            throw new UnrollException($"\"{path}\" cannot be read: {exception.Message}", exception);
        }
    }
}
