// The file NAME.log of a run: what the run was asked to do, and what it said, attempt after attempt. Whoever holds it open has the run;
// so several processes, also on several machines with one folder, share a sweep without a word to each other.
using System.Text;
using Unroll.Cli.Output;

namespace Unroll.Cli.Sweeping;

/// <summary>A run's own words, and the right to it.</summary>
internal sealed class RunRecord : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FileStream file;
    private readonly Lock writing = new();

    private RunRecord(FileStream file) => this.file = file;

    /// <summary>What the run failed with in another process since this one looked at it; null where it did not. It is not tried again then.</summary>
    public string? FailureSince { get; private set; }

    /// <summary>Checks that what an earlier sweep has begun under a run's name is the same run of the same text.</summary>
    /// <param name="run">The run.</param>
    /// <param name="text">What identifies the files that it reads.</param>
    /// <exception cref="UnrollException">It is another.</exception>
    public static void Check(SweepRun run, string text)
    {
        string[] head;
        try
        {
            using var reader = new StreamReader(new FileStream(run.Record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            head = [reader.ReadLine() ?? "", reader.ReadLine() ?? "", reader.EndOfStream ? "" : "whole"];
        }
        catch (FileNotFoundException)
        {
            if (run.HasBegun)
                throw new UnrollException($"{run.Model} is there already and is not this sweep's; name another folder with --out-folder.");
            return;
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return; // whoever has it has looked
        }
        if (head[2].Length == 0)
            return; // a record that was hardly begun
        string remedy = "name another folder with --out-folder, or delete that run's files";
        if (head[0] != run.Head)
            throw new UnrollException($"{run.Record} is of a run with other options ({head[0]}, not {run.Head}): {remedy}.");
        if (head[1] != text)
            throw new UnrollException($"The text of the run {run.Name} has changed since it was begun in {run.Folder}: {remedy}.");
    }

    /// <summary>Takes a run; null where another process has it.</summary>
    public static RunRecord? Claim(SweepRun run, string text)
    {
        RunRecord record;
        try
        {
            // Elsewhere than on Windows locks are for those who ask, so everybody may still look.
            record = new RunRecord(new FileStream(run.Record, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None));
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
        int lines = 0;
        int value;
        while (lines < 2 && (value = record.file.ReadByte()) >= 0)
            lines += value == '\n' ? 1 : 0;
        if (lines == 2 && record.file.Length != run.KnownLength)
        {
            using var reader = new StreamReader(record.file, leaveOpen: true);
            string words = reader.ReadToEnd().Split('\n').LastOrDefault(IsNews) ?? "";
            record.FailureSince = words.StartsWith("unroll: ", StringComparison.Ordinal) ? words : null;
        }
        if (record.FailureSince != null)
            return record;
        if (lines == 2)
            record.file.Seek(0, SeekOrigin.End);
        else
        {
            record.file.SetLength(0);
            record.Write(run.Head);
            record.Write(text);
        }
        record.Write("");
        return record;
    }

    /// <summary>Waits for a run whose sweep was killed: it saves and ends by itself.</summary>
    /// <returns>Whether it has.</returns>
    public static bool HasEnded(SweepRun run, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (File.Exists(run.Log))
        {
            try
            {
                new FileStream(run.Log, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
                return true;
            }
            catch (IOException exception) when (IsHeld(exception))
            {
                if (TimeProvider.System.GetElapsedTime(start) > Patience || cancellation.WaitHandle.WaitOne(50))
                    return false;
            }
        }
        return true;
    }

    /// <summary>What a run said last in another process; null while that is at it.</summary>
    public static string? LastWords(SweepRun run)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(run.Record, FileMode.Open, FileAccess.Read, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None));
            return reader.ReadToEnd().Split('\n').LastOrDefault(IsNews) ?? "";
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
    }

    /// <summary>Whether a line says something by itself: what is indented belongs to the line above, as a sample does, or a command to copy.</summary>
    public static bool IsNews(string line) => line.Length > 0 && line[0] != ' ';

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        lock (writing)
        {
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // Sharing violations of Windows; EAGAIN of Linux and of macOS.
    private static bool IsHeld(IOException exception) => (exception.HResult & 0xFFFF) is 32 or 33 or 11 or 35;
}
