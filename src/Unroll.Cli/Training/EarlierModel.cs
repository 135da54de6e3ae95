// What happens to a model that lies where a new one is to go: nobody loses hours of training by running a command twice.
using Unroll.Training;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>Makes room for a new model.</summary>
internal static class EarlierModel
{
    /// <summary>Checks, before any work, that there is a folder for a file that the run will write.</summary>
    /// <exception cref="UnrollException">There is none, or the name is a folder's.</exception>
    public static void CheckFolder(string option, string? path)
    {
        if (Directory.Exists(path))
            throw new UnrollException($"{path} is a folder; name a file with {option}.");
        if (path != null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new UnrollException($"There is no folder for {path}; make it first, or name another file with {option}.");
    }

    /// <summary>Renames the model that is there, and its plot; leaves it to be replaced if the new run makes the same bytes again.</summary>
    /// <exception cref="UnrollException">What is there is not a model.</exception>
    public static void SetAside(TrainPlan plan, LanguageModel model, Corpus corpus, TrainingOptions options, Terminal terminal)
    {
        if (!Path.Exists(plan.Out))
            return;
        Checkpoint earlier = Read(plan.Out);
        bool underWay = earlier.Training != null;
        if (!underWay && options.Budget == null && new RunIdentity(model, corpus, options).Differences(earlier).Count == 0)
            return;
        for (int number = 1; ; number++)
        {
            string target = Numbered(plan.Out, number);
            string? plotTarget = plan.Plot == null ? null : Numbered(plan.Plot, number);
            if (Path.Exists(target) || Path.Exists(plotTarget))
                continue;
            File.Move(plan.Out, target);
            if (plotTarget != null && File.Exists(plan.Plot))
                File.Move(plan.Plot, plotTarget);
            terminal.Note(underWay
                ? $"{plan.Out} held an unfinished run (--resume would have gone on with it); it is kept as {target}"
                : $"{plan.Out} held another model; it is kept as {target}");
            return;
        }
    }

    private static Checkpoint Read(string path)
    {
        try
        {
            return Checkpoint.Read(path);
        }
        catch (UnrollException exception)
        {
            throw new UnrollException(
                $"{path} is there already and is not a model that Unroll can read, so it stays as it is; name another file with --out.", exception);
        }
    }

    private static string Numbered(string path, int number) => Path.ChangeExtension(path, $"{number}{Path.GetExtension(path)}");
}
