using System.Text.Json;
using Unroll.Training;
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
        long updates = Updates(path) + more;
        TrainingOptions endless = JsonSerializer.Deserialize(checkpoint.Summary!.Options!, TrainingJson.Default.TrainingOptions)!;
        Assert.NotNull(endless.Budget);
        string options = JsonSerializer.Serialize(endless with { Budget = null, Updates = updates }, TrainingJson.Default.TrainingOptions);
        Checkpoint.Write(path, checkpoint with { Summary = checkpoint.Summary with { Options = options } });
        return $"{updates}";
    }
}
