// What happens to a model that lies where a new one is to go: nobody loses hours of training by running a command twice.
using Unroll.Cli.Arguments;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Cli.Training;

/// <summary>A model that is in the way of a new one. It stays where it is until there is something to write in its place.</summary>
internal sealed class EarlierModel
{
    private readonly TrainPlan plan;
    private readonly CheckpointMetadata model;
    private bool done;

    private EarlierModel(TrainPlan plan, CheckpointMetadata model) => (this.plan, this.model) = (plan, model);

    /// <summary>The model that is there; null where there is none, or the new run would only make the same bytes again.</summary>
    /// <exception cref="UnrollException">What is there is not a model.</exception>
    public static EarlierModel? Find(TrainPlan plan, LanguageModel model, Corpus corpus, TrainingOptions options)
    {
        if (FirstLook.File(plan.Out) == null)
            return null;
        CheckpointMetadata earlier = Read(plan.Out);
        if (!earlier.UnderWay && options.Budget == null && new RunIdentity(model, corpus, options).Differences(earlier).Count == 0)
            return null;
        return new EarlierModel(plan, earlier);
    }

    /// <summary>Renames the model, and its plot, when it is asked to for the first time.</summary>
    /// <param name="say">Told where they are now.</param>
    public void SetAside(Action<string> say)
    {
        string file = Place(plan.Out);
        string? plot = plan.Plot == null ? null : Place(plan.Plot);
        if (done || !File.Exists(file))
            return;
        done = true;
        bool goesOn = plan.From != null && FirstLook.IsSame(plan.From, plan.Out);
        int number = 1;
        while (Path.Exists(Numbered(file, number)) || (plot != null && Path.Exists(Numbered(plot, number))))
            number++;
        Move(file, Numbered(file, number));
        if (File.Exists(plot))
            Move(plot, Numbered(plot, number));
        say(model.UnderWay
            ? $"{plan.Out} held an unfinished run{(model.CanBeResumed ? " (--resume would have gone on with it)" : "")}; it is kept as {Numbered(file, number)}"
            : $"{plan.Out} held {(goesOn ? "the model that this run goes on from" : "another model")}; it is kept as {Numbered(file, number)}");
    }

    // Where a link leads to the new file will go, too.
    private static string Place(string path) => new FileInfo(path).LinkTarget == null ? path : FirstLook.RealPath(path);

    // An empty file keeps the place, for who may read the old file may read the new one and nobody else.
    private static void Move(string path, string target)
    {
        File.Move(path, target);
        if (OperatingSystem.IsWindows())
            return;
        UnixFileMode mode = File.GetUnixFileMode(target);
        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            File.SetUnixFileMode(path, mode);
    }

    private static CheckpointMetadata Read(string path)
    {
        try
        {
            return Checkpoint.ReadMetadata(path);
        }
        catch (UnrollException exception)
        {
            throw new UnrollException(
                $"{path} is there already and is not a model that Unroll can read, so it stays as it is; name another file with --out.", exception);
        }
    }

    private static string Numbered(string path, int number) => Path.ChangeExtension(path, $"{number}{Path.GetExtension(path)}");
}
