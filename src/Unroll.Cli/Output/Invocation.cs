using System.Text;

namespace Unroll.Cli.Output;

/// <summary>Command lines as this person would type them here, so that they can be copied.</summary>
internal static class Invocation
{
    private const string Command = "unroll";

    /// <summary>A command line of this program.</summary>
    /// <param name="verb">What is to be done.</param>
    /// <param name="files">To what; names that look like options are put behind <c>--</c>.</param>
    /// <param name="options">How.</param>
    public static string CommandLine(string verb, IEnumerable<string> files, params IEnumerable<string> options) => Quoted(Words(verb, files, options));

    /// <summary>The words of a command line after the program's name.</summary>
    /// <inheritdoc cref="CommandLine(string, IEnumerable{string}, IEnumerable{string})"/>
    public static IReadOnlyList<string> Words(string verb, IEnumerable<string> files, params IEnumerable<string> options) =>
        files.Any(file => file.Length > 1 && file[0] == '-') ? [verb, .. options, "--", .. files] : [verb, .. files, .. options];

    /// <summary>What <see cref="Environment.ProcessPath"/> is given so that another process of this program does what the words say.</summary>
    public static IEnumerable<string> Process(IReadOnlyList<string> words) => DotnetsFile is { } file ? [file, .. words] : words;

    /// <summary>Words as a shell here takes them, apart.</summary>
    public static string Joined(IEnumerable<string> words) => string.Join(' ', words.Select(word => Quote(word, OperatingSystem.IsWindows())));

    /// <summary>A command line as it was typed.</summary>
    public static string Again(IReadOnlyList<string> words) => Quoted(words);

    /// <summary>A command line that was typed, with an option more unless it is there.</summary>
    public static string CommandLine(IReadOnlyList<string> words, string option)
    {
        string[] before = [.. words.TakeWhile(word => word != "--")];
        return Quoted(before.Contains(option) ? words : [.. before, option, .. words.Skip(before.Length)]);
    }

    private static string Quoted(IEnumerable<string> words) => $"{Program} {Joined(words)}";

    // The program may be installed, run from a folder, or built and run from its source.
    private static string Program
    {
        get
        {
            string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            string process = Environment.ProcessPath ?? "";
            if (DotnetsFile is { } file)
                return $"dotnet {Quote(Relative(file), OperatingSystem.IsWindows())}";
            string project = Path.GetFullPath(Path.Combine(folder, "..", "..", ".."));
            if (File.Exists(Path.Combine(project, "Unroll.Cli.csproj")))
                return $"dotnet run -c {Path.GetFileName(Path.GetDirectoryName(folder))} --project {Quote(Relative(project), OperatingSystem.IsWindows())} --";
            string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            if (places.Any(place => IsLink(Path.Combine(place, Command), process)))
                return Command;
            bool installed = places.Any(place => Path.TrimEndingDirectorySeparator(place) == Path.GetDirectoryName(process));
            return installed ? Path.GetFileNameWithoutExtension(process) : Quote(Relative(process), OperatingSystem.IsWindows());
        }
    }

    // `dotnet tool install` puts the program into a folder of its own, and a link to it where commands are looked for.
    private static bool IsLink(string path, string program)
    {
        try
        {
            return File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName == program;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // What `dotnet` runs, where it runs the program; null where the program is the process.
    private static string? DotnetsFile => Path.GetFileNameWithoutExtension(Environment.ProcessPath ?? "").Equals("dotnet", StringComparison.OrdinalIgnoreCase)
        ? Path.Combine(AppContext.BaseDirectory, "Unroll.Cli.dll") : null;

    private static string Relative(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path
            : relative.Contains(Path.DirectorySeparatorChar) ? relative : Path.Combine(".", relative);
    }

    /// <summary>A word as a shell takes it for one: as it is, or within quotes.</summary>
    internal static string Quote(string word, bool forWindows)
    {
        string plain = forWindows ? "-_./\\:=,@+" : "-_./:=,@%+";
        if (word.Length > 0 && word.All(character => char.IsLetterOrDigit(character) || plain.Contains(character)))
            return word;
        if (!forWindows)
            return $"'{word.Replace("'", "'\\''")}'";
        // Programs on Windows take backslashes for themselves unless a quote follows: there each one is doubled.
        var quoted = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char character in word)
        {
            if (character == '"')
                quoted.Append('\\', backslashes + 1);
            backslashes = character == '\\' ? backslashes + 1 : 0;
            quoted.Append(character);
        }
        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
