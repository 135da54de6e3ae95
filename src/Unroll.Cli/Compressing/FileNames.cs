// Which file becomes which, looked at before any work is done: what is there already stays, unless somebody says otherwise.
using Unroll.Cli.Arguments;
using Unroll.Files;

namespace Unroll.Cli.Compressing;

/// <summary>Names of files that are read and of those that are written.</summary>
internal static class FileNames
{
    /// <summary>Standard input, or standard output.</summary>
    public const string Standard = "-";

    /// <summary>Finds where each file goes.</summary>
    /// <param name="files">The files.</param>
    /// <param name="target">A file, a folder or standard output; null = beside each.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="replaces">Whether files that are there may be replaced.</param>
    /// <exception cref="UsageException">The names make no sense together.</exception>
    /// <exception cref="UnrollException">A file is missing, or one that would be written is there already.</exception>
    public static IReadOnlyList<(string Input, string Output)> Find(IReadOnlyList<string> files, string? target, string model, Direction direction, bool replaces)
    {
        if (files.Contains(Standard) && files.Count > 1)
            throw new UsageException("Standard input (-) goes by itself.");
        bool isFolder = target is not null && target != Standard && Directory.Exists(target);
        if (files.Count > 1 && target is not null && !isFolder)
            throw new UsageException($"--out {target} is no folder, and there are {files.Count} files: name a folder that is there, or leave --out out.");
        if (isFolder && files[0] == Standard)
            throw new UsageException("Standard input has no name to be known by in a folder: name a file with --out.");
        var named = new List<(string Input, string Output)>(files.Count);
        var taken = new Dictionary<string, string>(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach (string file in files)
        {
            CheckInput(file);
            string output = Output(file, target, isFolder, direction);
            named.Add((file, output));
            if (output != Standard)
                CheckOutput(file, output, model, replaces, taken);
        }
        return named;
    }

    private static void CheckInput(string file)
    {
        if (file == Standard)
            return;
        if (Directory.Exists(file))
            throw new UnrollException($"\"{file}\" is a folder: name its files.");
        if (!FirstLook.Exists(file))
            throw new UnrollException($"There is no file \"{file}\": check the spelling.");
    }

    private static string Output(string file, string? target, bool isFolder, Direction direction)
    {
        if (target is not null && !isFolder)
            return target;
        if (file == Standard)
            return Standard;
        string name = direction.Target(isFolder ? Path.GetFileName(file) : file)
            ?? throw new UnrollException($"\"{file}\" does not end in {FileJobs.Ending}, so its name does not tell what to call the expanded file: name it with --out.");
        return isFolder ? Path.Combine(target!, name) : name;
    }

    private static void CheckOutput(string file, string output, string model, bool replaces, Dictionary<string, string> taken)
    {
        if (file != Standard && FirstLook.IsSame(file, output) || FirstLook.IsSame(model, output))
            throw new UsageException($"--out names {(FirstLook.IsSame(model, output) ? "the model" : "the file")} itself, {output}; name another file.");
        if (!taken.TryAdd(FirstLook.RealPath(output), file))
            throw new UnrollException($"\"{taken[FirstLook.RealPath(output)]}\" and \"{file}\" would both become \"{output}\": give them to unroll one by one.");
        AtomicFile.Check(output);
        if (FirstLook.File(output) is not null && !replaces)
            throw new UnrollException($"{output} is there already, so it stays as it is; name another file with --out, or say --replace.");
    }
}
