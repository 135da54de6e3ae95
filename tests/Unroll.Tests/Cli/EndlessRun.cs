using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>
/// What makes a run certain to be still learning when a test stops it, however slow the machine: it has an hour. Afterwards
/// it is made one of a number of updates, a few more than it has made, which one that is never stopped can make as well.
/// Its learning rate must be constant.
/// </summary>
internal static class EndlessRun
{
    /// <summary>The option that gives a run more time than any test takes, and ends it if the tests are killed.</summary>
    public static string[] Length { get; } = ["--budget", "1h"];

    /// <summary>The updates that the saved state of an unfinished run has behind it.</summary>
    public static long Updates(string path)
    {
        Checkpoint checkpoint = Checkpoint.Read(path);
        Assert.NotNull(checkpoint.Training);
        return checkpoint.Summary!.Updates;
    }

    /// <summary>Gives an unfinished run an end.</summary>
    /// <returns>The updates it has in all.</returns>
    public static string End(string path, long more)
    {
        Checkpoint checkpoint = Checkpoint.Read(path);
        TrainingSummary summary = checkpoint.Summary!;
        long updates = Updates(path) + more;
        Assert.NotNull(summary.Training!.Budget);
        Checkpoint.Write(path, checkpoint with { Summary = summary with { Training = summary.Training with { Budget = null, Updates = updates } } });
        return $"{updates}";
    }
}
