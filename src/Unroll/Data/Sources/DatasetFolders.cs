namespace Unroll.Data.Sources;

/// <summary>Where the named datasets may be.</summary>
/// <param name="Own">The folder that UNROLL_DATA names, or null.</param>
/// <param name="Cache">The folder for downloads, or null where the user has none.</param>
internal sealed record DatasetFolders(string? Own, string? Cache)
{
    /// <summary>This user's, as the environment names them now.</summary>
    public static DatasetFolders Ours => From(
        Environment.GetEnvironmentVariable,
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) : null);

    /// <summary>The folders to look in, in this order.</summary>
    public IEnumerable<string> Search => new[] { Own, Cache }.OfType<string>();

    /// <summary>The folders that environment variables name; on Windows, the system names the one for local data.</summary>
    internal static DatasetFolders From(Func<string, string?> variable, string? localData)
    {
        string? home = variable("HOME");
        string? cache = variable("XDG_CACHE_HOME");
        // The XDG specification says that relative paths are to be ignored.
        string? root = !string.IsNullOrEmpty(localData) ? localData
            : Path.IsPathFullyQualified(cache ?? "") ? cache
            : string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".cache");
        string? own = variable("UNROLL_DATA");
        return new DatasetFolders(string.IsNullOrEmpty(own) ? null : Path.GetFullPath(own), root is null ? null : Path.Combine(root, "unroll"));
    }
}
