namespace Unroll.Cli.Output;

/// <summary>Says how much of a long text has been read.</summary>
internal sealed class ReadingLine : IProgress<(long Read, long? Total)>, IDisposable
{
    private readonly CountingLine line;
    private long? total;

    /// <summary>Begins to count.</summary>
    public ReadingLine(Terminal terminal, string name)
    {
        line = new CountingLine(terminal, read => $"reading {name}: {Figures.Bytes(read)}" + (total is long all ? $" of {Figures.Bytes(all)}" : ""));
    }

    /// <inheritdoc/>
    public void Report((long Read, long? Total) value)
    {
        total = value.Total;
        line.Report(value.Read);
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose() => line.Dispose();
}
