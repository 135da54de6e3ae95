using Unroll.Files;

namespace Unroll.Web.Runs;

/// <summary>A run of the list: one that was started here, or the log of another program's.</summary>
internal sealed class ListedRun
{
    /// <summary>One that was started on a page.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="order">What was asked for.</param>
    public ListedRun(string folder, RunOrder order)
    {
        (Folder, Order, Name) = (folder, order, order.Name);
        Journal = new RunJournal(Path.Combine(folder, TrainingWork.LogName));
        Id = Path.GetFileName(folder);
    }

    /// <summary>Another program's.</summary>
    /// <param name="log">Its log.</param>
    public ListedRun(string log)
    {
        Journal = new RunJournal(log);
        Name = Id = Path.GetFileNameWithoutExtension(log);
    }

    /// <summary>What the page calls it, once and for all.</summary>
    public string Id { get; }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>Its folder; null of another program's.</summary>
    public string? Folder { get; }

    /// <summary>What was asked for.</summary>
    public RunOrder? Order { get; }

    /// <summary>Its log.</summary>
    public RunJournal Journal { get; }

    /// <summary>Who works on it; null = nobody.</summary>
    public TrainingWork? Work { get; set; }

    /// <summary>The model that it has made so far; null = none.</summary>
    public string? ModelPath => Folder is not null && Path.Combine(Folder, TrainingWork.ModelName) is { } path && File.Exists(path) ? path : null;

    /// <summary>The text that it learns from; null = none of its own.</summary>
    public string? TextPath => Folder is not null && Path.Combine(Folder, TrainingWork.TextName) is { } path && File.Exists(path) ? path : null;

    /// <summary>What its model is called among those that are served, once it is.</summary>
    public string? ModelId { get; set; }

    /// <summary>How it stands.</summary>
    public RunState State => Work?.State ?? (Folder is null ? RunState.Watched : IsFinished() ? RunState.Finished : RunState.Paused);

    private bool IsFinished()
    {
        try
        {
            return ModelPath is { } path && FirstLook.IsModel(path) && !Checkpoint.ReadMetadata(path).UnderWay;
        }
        catch (UnrollException)
        {
            return false;
        }
    }
}
