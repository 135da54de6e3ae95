using Unroll.Counts;

namespace Unroll.Training;

/// <summary>Where a run is kept.</summary>
/// <param name="Path">The file.</param>
/// <param name="Write">Puts a checkpoint there.</param>
internal sealed record RunPlace(string Path, Action<Checkpoint> Write)
{
    /// <summary>A file that is the run's own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="earlier">The memory that the model began with: while the run is under way it stands in the file, for the end.</param>
    /// <param name="beforeFirstWrite">Called once, before the file is written for the first time.</param>
    public static RunPlace File(string path, CountMemory? earlier, Action? beforeFirstWrite) => new(path, checkpoint =>
    {
        beforeFirstWrite?.Invoke();
        beforeFirstWrite = null;
        Checkpoint.Write(path, checkpoint.Training is null ? checkpoint : checkpoint with { Model = checkpoint.Model.WithMemory(earlier) });
    });
}
