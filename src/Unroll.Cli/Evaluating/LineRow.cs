namespace Unroll.Cli.Evaluating;

/// <summary>A scored line as it is shown.</summary>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Score">Its score.</param>
/// <param name="Text">What is shown of it, where it is shown.</param>
internal readonly record struct LineRow(long Number, TextScore Score, string Text);
