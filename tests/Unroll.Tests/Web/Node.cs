using System.Collections.Concurrent;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Programs in JavaScript, with what they need of the npm, in processes of their own.</summary>
internal static class Node
{
    private static readonly ConcurrentDictionary<string, Lazy<(string Folder, string? Missing)>> Installed = new(StringComparer.Ordinal);

    /// <summary>Starts a program of a folder of <c>tests</c>; the test is skipped, and says so, where there is no Node, or where its
    /// packages cannot be had.</summary>
    /// <param name="name">The folder.</param>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="environment">Variables that it finds beside the usual ones.</param>
    public static UnrollProcess Start(string name, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        (string folder, string? missing) = Installed.GetOrAdd(name, _ => new(() => Install(name))).Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
        return UnrollProcess.Start(folder, "node", words, environment);
    }

    /// <summary>Where the first of some programs is; null where there is none of them.</summary>
    public static string? Find(params string[] names) =>
        names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    // Beside the compiled tests, so that the source stays as it is; once for all builds, as long as the lock file is the same.
    private static (string Folder, string? Missing) Install(string name)
    {
        string source = Repository.Path("tests", name), folder = Path.Combine(AppContext.BaseDirectory, name), mark = Path.Combine(folder, "installed");
        if (Find("node", "node.exe") is null || Find("npm.cmd", "npm") is not { } npm)
            return (folder, "There is no Node here: programs written in JavaScript are not tried (on Debian: apt-get install nodejs npm).");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        string wanted = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        if (File.Exists(mark) && File.ReadAllText(mark) == wanted)
            return (folder, null);
        using UnrollProcess install = UnrollProcess.Start(folder, npm, ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        UnrollOutput output = install.Finish();
        if (output.ExitCode != 0)
            return (folder, $"What tests/{name} needs could not be installed, perhaps because there is no network: {output.Error}");
        File.WriteAllText(mark, wanted);
        return (folder, null);
    }
}
