namespace Unroll.Cli.Output;

/// <summary>One line that counts up while a long text is read or a file is fetched; nothing where the work is short.</summary>
internal sealed class CountingLine(Terminal terminal, Func<long, string> describe, TimeProvider? time = null) : IProgress<long>, IDisposable
{
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();
    private double nextReport = 1;
    private bool shown;

    /// <summary>Counts a kind of thing.</summary>
    public CountingLine(Terminal terminal, string things) : this(terminal, count => $"{Figures.Count(count)} {things}")
    {
    }

    /// <inheritdoc/>
    public void Report(long count)
    {
        double seconds = time.GetElapsedTime(start).TotalSeconds;
        if (seconds < nextReport)
            return;
        string text = $"{describe(count)}, {Figures.Time(seconds)}";
        if (terminal.ErrorIsLive)
        {
            terminal.Error.Write($"\r{text}\e[K");
            nextReport = seconds + 0.1;
        }
        else
        {
            terminal.Error.WriteLine(text);
            nextReport = seconds + 30;
        }
        shown = true;
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (shown && terminal.ErrorIsLive)
            terminal.Error.Write("\r\e[K");
        shown = false;
    }
}
