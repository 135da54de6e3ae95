// One run of a sweep: what it is, where its files are, and what has become of it, which its model file says.
using System.Text.Json;
using Unroll.Cli.Output;
using Unroll.Files;

namespace Unroll.Cli.Sweeping;

/// <summary>A run of a sweep.</summary>
internal sealed class SweepRun
{
    private volatile RunState state;
    private volatile string line = "";

    /// <summary>What it is called, and its files.</summary>
    public required string Name { get; init; }

    /// <summary>The options in which it is not as all the others.</summary>
    public required IReadOnlyList<Choice> Different { get; init; }

    /// <summary>The words that name the text.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The words that say all the rest.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    /// <summary>The sweep's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The model's file.</summary>
    public string Model => Path.Combine(Folder, Name + ".safetensors");

    /// <summary>The log that programs read.</summary>
    public string Log => Path.Combine(Folder, Name + ".jsonl");

    /// <summary>What the run was asked to do, and everything it said.</summary>
    public string Record => Path.Combine(Folder, Name + ".log");

    /// <summary>What stands at the head of <see cref="Record"/>: a command that makes the same model.</summary>
    public string Head => "unroll " + Invocation.Joined(Invocation.Words("train", Texts, Options));

    /// <summary>Where it stands.</summary>
    public RunState State { get => state; set => state = value; }

    /// <summary>The bytes of <see cref="Record"/> when this sweep began.</summary>
    public long KnownLength { get; set; }

    /// <summary>What it said last.</summary>
    public string Line { get => line; set => line = value; }

    /// <summary>Whether there is something to go on with.</summary>
    public bool HasBegun => FirstLook.File(Model) != null;

    /// <summary>What the finished model says of itself; null where there is none.</summary>
    public CheckpointMetadata? Result
    {
        get
        {
            try
            {
                return HasBegun && Checkpoint.ReadMetadata(Model) is { UnderWay: false, Summary: not null } model ? model : null;
            }
            catch (UnrollException)
            {
                return null; // the run says what is wrong with it
            }
        }
    }

    /// <summary>The words of the command that trains it, after the program's name.</summary>
    public IReadOnlyList<string> Words(int threads, bool resume) => Invocation.Words(
        "train", Texts, [.. Options, "--threads", $"{threads}", "--out", Model, "--log", Log, .. resume ? ["--resume"] : Array.Empty<string>()]);

    /// <summary>The seconds that it took; null where the log does not say.</summary>
    public double? Seconds
    {
        get
        {
            try
            {
                string? last = File.ReadLines(Log).LastOrDefault(json => json.Contains("\"seconds\":", StringComparison.Ordinal));
                return last == null ? null : JsonDocument.Parse(last).RootElement.GetProperty("seconds").GetDouble();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
