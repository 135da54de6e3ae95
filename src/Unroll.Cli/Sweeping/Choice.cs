namespace Unroll.Cli.Sweeping;

/// <summary>An option of a run with its value.</summary>
/// <param name="Option">The option's name, with its dashes.</param>
/// <param name="Value">Its value as it was typed; null for a switch.</param>
internal sealed record Choice(string Option, string? Value);
