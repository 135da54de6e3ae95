namespace Unroll.Cli.Output;

/// <summary>Says how much of a long text has been read.</summary>
internal sealed class ReadingLine : IProgress<ReadingProgress>, IDisposable
{
    private readonly CountingLine line;
    private long? total;

    /// <summary>Begins to count.</summary>
    public ReadingLine(Terminal terminal, string name)
    {
        line = new CountingLine(terminal, read => $"reading {name}: {Figures.Bytes(read)}" + (total is long all ? $" of {Figures.Bytes(all)}" : ""));
    }

    /// <inheritdoc/>
    public void Report(ReadingProgress value)
    {
        total = value.Total;
        line.Report(value.Bytes);
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose() => line.Dispose();
}
