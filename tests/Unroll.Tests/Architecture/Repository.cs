namespace Unroll.Tests.Architecture;

/// <summary>The folder that the project's source stands in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>A folder's C# files but those that the build makes, as paths from the root with forward slashes.</summary>
    public static IReadOnlyList<string> SourceFiles(string folder) => Files(folder, "*.cs");

    /// <summary>The same of other kinds of files.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(Path(folder), pattern, SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/") && !file.Contains("/obj/"))
            .Order(StringComparer.Ordinal)];

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
            if (File.Exists(System.IO.Path.Combine(folder, "Unroll.slnx")))
                return folder;
        throw new InvalidOperationException("The tests must run from inside the project's folder: they read its source.");
    }
}
