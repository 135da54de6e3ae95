namespace Unroll.Cli.Output;

/// <summary>Turns what went wrong into one sentence on standard error and an exit code.</summary>
internal static class Failure
{
    /// <summary>The exit code of a command that was typed wrongly.</summary>
    public const int WrongUsage = 2;

    private const int Failed = 1;

    // EPIPE of Linux and macOS: whoever read the results has left.
    private const int BrokenPipe = 32;

    /// <summary>Says what went wrong; a reader of the results who left early is nothing to report.</summary>
    public static int Report(Exception exception, Terminal terminal)
    {
        switch (exception)
        {
            case AggregateException { InnerException: Exception inner }:
                return Report(inner, terminal);
            case OperationCanceledException:
                return Flush(terminal, Interruption.ExitCode);
            case UnrollException mistake:
                return Say(terminal, mistake.Describe(Flags.Of), Failed);
            case IOException { HResult: BrokenPipe } when !OperatingSystem.IsWindows():
                return 0;
            case OutOfMemoryException:
                return Say(terminal, "There is not enough memory for this; try a smaller model, batch or text.", Failed);
            case IOException or UnauthorizedAccessException:
                return Say(terminal, OneLine(exception.Message), Failed);
            default:
                string what = $"{exception.GetType().Name}: {OneLine(exception.Message)}";
                return Say(terminal, $"Something went wrong inside Unroll ({what}). Please report it.", Failed);
        }
    }

    /// <summary>Writes a sentence to standard error.</summary>
    /// <returns>The exit code.</returns>
    public static int Say(Terminal terminal, string message, int code)
    {
        terminal.Error.WriteLine($"{terminal.Name}: {message}");
        return Flush(terminal, code);
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    // Results written before the failure still reach whoever reads them.
    private static int Flush(Terminal terminal, int code)
    {
        try
        {
            terminal.Out.Flush();
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }
        return code;
    }
}
