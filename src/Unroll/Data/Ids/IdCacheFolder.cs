using Unroll.Data.Sources;
using Unroll.Files;

namespace Unroll.Data.Ids;

/// <summary>The folder of cache files, for whoever wants to see or remove them; <see cref="IdCache"/> fills it.</summary>
/// <param name="Path">Where it is, or null where the user has no such folder.</param>
internal sealed record IdCacheFolder(string? Path)
{
    /// <summary>This user's.</summary>
    public static IdCacheFolder Ours => new(DatasetFolders.Ours.Cache is { } folder ? System.IO.Path.Combine(folder, "ids") : null);

    /// <summary>The cache files, by path, each with its text's name; null where it is damaged or another version's.</summary>
    public IReadOnlyList<(string Path, long Bytes, string? Name)> List() =>
        [.. Files().Select(path => (path, new FileInfo(path).Length, NameIn(path)))];

    /// <summary>Removes all cache files, and what killed runs left.</summary>
    /// <returns>How many bytes are free now, and the files that cannot be removed, each with the reason.</returns>
    public (long Freed, IReadOnlyList<(string Path, string Reason)> Left) Clear()
    {
        long freed = 0;
        var left = new List<(string, string)>();
        foreach (string path in Files())
        {
            try
            {
                long bytes = new FileInfo(path).Length;
                File.Delete(path);
                freed += bytes;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                left.Add((path, TemporaryFile.Reason(exception)));
            }
        }
        return (freed + TemporaryFile.RemoveLeftovers(Path), left);
    }

    private IEnumerable<string> Files() => Path is null || !Directory.Exists(Path)
        ? []
        : Directory.EnumerateFiles(Path, "*" + IdCacheFile.Ending).Order(StringComparer.Ordinal);

    private static string? NameIn(string path)
    {
        try
        {
            if (IdCacheFile.Open(path, key: null) is not { } read)
                return null;
            read.Text.Dispose();
            return read.Name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnrollException)
        {
            return null;
        }
    }
}
