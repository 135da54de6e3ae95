namespace Unroll.Training;

/// <summary>Where a run is kept.</summary>
/// <param name="Path">The file.</param>
/// <param name="Write">Puts a checkpoint there.</param>
internal sealed record RunPlace(string Path, Action<Checkpoint> Write)
{
    /// <summary>A file that is the run's own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="beforeFirstWrite">Called once, before the file is written for the first time.</param>
    public static RunPlace File(string path, Action? beforeFirstWrite) => new(path, checkpoint =>
    {
        beforeFirstWrite?.Invoke();
        beforeFirstWrite = null;
        Checkpoint.Write(path, checkpoint);
    });
}
