namespace Unroll.Cli.Arguments;

/// <summary>The command was typed wrongly: one sentence that says how. Exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
