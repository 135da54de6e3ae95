namespace Unroll.Cli.Output;

/// <summary>What a verb works with besides its options.</summary>
/// <param name="Terminal">Where results and everything else go.</param>
/// <param name="Interruption">Whether somebody asked to stop.</param>
/// <param name="CommandLine">The words that were typed after the program's name.</param>
/// <param name="Started">When the program was started, as a timestamp of the system's <see cref="TimeProvider"/>.</param>
internal sealed record Session(Terminal Terminal, Interruption Interruption, IReadOnlyList<string> CommandLine, long Started)
{
    /// <summary>The ranks that share the work, where a launcher has started several; null = this process does all of it.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>Threads for each of the ranks on this machine, so that they have one a core.</summary>
    public int ThreadsEach { get; init; }
}
