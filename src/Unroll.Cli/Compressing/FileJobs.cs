using Unroll.Cli.Output;
using Unroll.Files;

namespace Unroll.Cli.Compressing;

/// <summary>Makes files of files, one after another, short ones side by side.</summary>
/// <param name="session">Who wants it.</param>
/// <param name="direction">Which way.</param>
internal sealed class FileJobs(Session session, Direction direction)
{
    /// <summary>How compressed files' names end.</summary>
    public const string Ending = ".unroll";

    private const int MostTogether = 1024;

    private readonly List<CodedFileJson> done = [];
    private readonly List<(string Input, string Output, byte[] Bytes)> waiting = [];
    private bool failed;

    /// <summary>What has become of which.</summary>
    public IReadOnlyList<CodedFileJson> Done => done;

    /// <summary>Bytes of the texts.</summary>
    public long Bytes => done.Sum(file => file.Bytes);

    /// <summary>Bytes of what is compressed.</summary>
    public long CompressedBytes => done.Sum(file => file.CompressedBytes);

    /// <summary>Does them all. What is wrong with one of several is said, and the others are done.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="UnrollException">Something is wrong with the only one.</exception>
    public int Run(IReadOnlyList<(string Input, string Output)> files)
    {
        using var progress = new CountingLine(session.Terminal, "tokens");
        foreach ((string input, string output) in files)
        {
            session.Interruption.Token.ThrowIfCancellationRequested();
            try
            {
                if (files.Count > 1 && FirstLook.File(input) is { } file && direction.IsShort(file))
                    waiting.Add((input, output, File.ReadAllBytes(input)));
                else
                    Do(input, output, progress);
            }
            catch (UnrollException fault) when (files.Count > 1)
            {
                Say(fault);
            }
            if (waiting.Count == MostTogether)
                DoWaiting();
        }
        DoWaiting();
        return failed ? 1 : 0;
    }

    /// <summary>Writes the figures of all together.</summary>
    public void Write(TextWriter writer, double seconds)
    {
        var facts = new Facts();
        if (done is [var only])
            facts.Add(only.Out == FileNames.Standard ? "standard output" : VisibleText.Line(only.Out), "");
        else
            facts.Add("files", Figures.Count(done.Count));
        facts.Add("text", Figures.Count(Bytes), "bytes");
        facts.Add("compressed", Figures.Count(CompressedBytes), Bytes == 0 ? "bytes" : $"bytes: {Figures.Percent((double)CompressedBytes / Bytes)}, {Figures.Precise(8.0 * CompressedBytes / Bytes)} bits per byte");
        facts.Add("speed", Figures.Count((long)(Bytes / Math.Max(seconds, 1e-9))), "bytes of text per second, the model's loading included");
        facts.Write(writer);
    }

    private void Do(string input, string output, CountingLine progress)
    {
        using Stream from = Open(input);
        var read = new CountedStream(from, input == FileNames.Standard ? "standard input" : input);
        long written = 0;
        try
        {
            if (output != FileNames.Standard)
                AtomicFile.Write(output, to => written = Code(read, to, progress));
            else if (direction.IsCompressing)
                written = Code(read, Out, progress);
            else
                written = WholeOrNothing(to => Code(read, to, progress));
        }
        catch (CompressedTextException fault)
        {
            throw Named(input, fault);
        }
        Note(input, output, read.Count, written);
    }

    private long Code(CountedStream from, Stream to, CountingLine progress)
    {
        var counted = new CountedStream(to, "");
        direction.Long(from, counted, progress, session.Interruption.Token);
        return counted.Count;
    }

    // Whether a text is whole is known at its end: until then it is kept where nobody reads it.
    private long WholeOrNothing(Func<Stream, long> code)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("unroll-");
        try
        {
            using var file = new FileStream(Path.Combine(folder.FullName, "text"), FileMode.CreateNew, FileAccess.ReadWrite);
            long length = code(file);
            file.Position = 0;
            file.CopyTo(Out);
            Out.Flush();
            return length;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void DoWaiting()
    {
        IReadOnlyList<(byte[]? Bytes, UnrollException? Fault)> made = direction.Short([.. waiting.Select(file => file.Bytes)], session.Interruption.Token);
        foreach (((string input, string output, byte[] bytes), (byte[]? result, UnrollException? fault)) in waiting.Zip(made))
        {
            if (fault is not null)
            {
                Say(Named(input, (CompressedTextException)fault));
                continue;
            }
            AtomicFile.Write(output, to => to.Write(result));
            Note(input, output, bytes.Length, result!.Length);
        }
        waiting.Clear();
    }

    private Stream Out
    {
        get
        {
            session.Terminal.Out.Flush();
            return session.Terminal.Out.BaseStream;
        }
    }

    private static Stream Open(string input)
    {
        if (input == FileNames.Standard)
            return Console.OpenStandardInput();
        try
        {
            return new FileStream(input, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{input} cannot be read: {exception.Message}", exception);
        }
    }

    private void Note(string input, string output, long read, long written) =>
        done.Add(direction.IsCompressing ? new CodedFileJson(input, output, read, written) : new CodedFileJson(input, output, written, read));

    private static UnrollException Named(string input, CompressedTextException fault) =>
        new($"{(input == FileNames.Standard ? "What came from standard input" : input)} {fault.Reason}.", fault);

    private void Say(UnrollException fault)
    {
        Failure.Say(session.Terminal, fault.Message, 1);
        failed = true;
    }
}
