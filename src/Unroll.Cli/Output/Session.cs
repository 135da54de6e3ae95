namespace Unroll.Cli.Output;

/// <summary>What a verb works with besides its options.</summary>
/// <param name="Terminal">Where results and everything else go.</param>
/// <param name="Interruption">Whether somebody asked to stop.</param>
/// <param name="CommandLine">The words that were typed after the program's name.</param>
/// <param name="Started">When the program was started, as a timestamp of the system's <see cref="TimeProvider"/>.</param>
internal sealed record Session(Terminal Terminal, Interruption Interruption, IReadOnlyList<string> CommandLine, long Started);
