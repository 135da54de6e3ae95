// The files that a run writes, looked at before anything is read: what is there already and is not Unroll's stays as it is.
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Files;
using Unroll.Runs;

namespace Unroll.Cli.Training;

/// <summary>Keeps a run from writing over what it did not make.</summary>
internal static class RunFiles
{
    /// <summary>Checks that a run may write the files that it will write, and can.</summary>
    /// <exception cref="UsageException">Two of them are the same, or one is the text.</exception>
    /// <exception cref="UnrollException">One cannot be written, or holds something that Unroll did not make.</exception>
    public static void Check(TrainPlan plan)
    {
        (string Option, string Path)[] files =
            [.. new[] { ("--out", plan.Out), ("--plot", plan.Plot), ("--log", plan.Log) }.Where(file => file.Item2 != null).Select(file => (file.Item1, file.Item2!))];
        for (int i = 0; i < files.Length; i++)
        {
            if (files[..i].Where(other => FirstLook.IsSame(other.Path, files[i].Path)).Select(other => other.Option).FirstOrDefault() is string twin)
                throw new UsageException($"{twin} and {files[i].Option} name the same file, {files[i].Path}; give each one of its own.");
            string? text = plan.Texts.Append(plan.ValidationFile).FirstOrDefault(word => word != null && FirstLook.IsSame(word, files[i].Path));
            if (text != null && FirstLook.File(text) != null)
                throw new UsageException($"{files[i].Option} names the text itself, {text}; name another file.");
        }
        OwnFile.Check("--out", plan.Out, FirstLook.IsModel, "a model", "name another file with --out");
        if (plan.Plot != null)
            OwnFile.Check("--plot", plan.Plot, PerplexityPlot.IsOne, "a plot that Unroll drew", "name another file with --plot, or --plot none");
        if (plan.Log != null)
            CheckAppended("--log", plan.Log);
    }

    private static void CheckAppended(string option, string path)
    {
        if (FirstLook.File(path) is not { } file)
        {
            bool isDevice = Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);
            if (Directory.Exists(path) || (!FirstLook.Exists(path) && !isDevice))
                OwnFile.CanBeWritten(option, path);
            return; // an empty file, a pipe or a device takes what it is given
        }
        if (!RunLog.IsOne(path))
            throw new UnrollException($"{path} is there already and is not a log that Unroll wrote, so nothing is added to it; name another file with {option}.");
        if (file.IsReadOnly)
            throw new UnrollException($"{option}: nothing can be added to \"{path}\": it is write-protected; choose another name, or allow writing to it.");
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{option}: nothing can be added to \"{path}\": {TemporaryFile.Reason(exception)}.", exception);
        }
    }
}
