namespace Unroll.Cli.Output;

/// <summary>Command lines as this person would type them here, so that they can be copied.</summary>
internal static class Invocation
{
    /// <summary>A command line of this program.</summary>
    public static string CommandLine(IEnumerable<string> words) => string.Join(' ', words.Select(Quote).Prepend(Program));

    // The program may be installed, run from a folder, or built and run from its source.
    private static string Program
    {
        get
        {
            string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            string process = Environment.ProcessPath ?? "";
            if (Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
                return $"dotnet {Quote(Relative(Path.Combine(folder, "Unroll.Cli.dll")))}";
            string project = Path.GetFullPath(Path.Combine(folder, "..", "..", ".."));
            if (File.Exists(Path.Combine(project, "Unroll.Cli.csproj")))
                return $"dotnet run -c {Path.GetFileName(Path.GetDirectoryName(folder))} --project {Quote(Relative(project))} --";
            string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            bool installed = places.Any(place => Path.TrimEndingDirectorySeparator(place) == Path.GetDirectoryName(process));
            return installed ? Path.GetFileNameWithoutExtension(process) : Quote(Relative(process));
        }
    }

    private static string Relative(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path
            : relative.Contains(Path.DirectorySeparatorChar) ? relative : Path.Combine(".", relative);
    }

    private static string Quote(string word)
    {
        string plain = OperatingSystem.IsWindows() ? "-_./\\:=,@%+" : "-_./:=,@%+";
        if (word.Length > 0 && word.All(character => char.IsLetterOrDigit(character) || plain.Contains(character)))
            return word;
        return OperatingSystem.IsWindows() ? $"\"{word.Replace("\"", "\\\"")}\"" : $"'{word.Replace("'", "'\\''")}'";
    }
}
