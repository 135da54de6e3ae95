// What a run's log says, read while it grows. A log is somebody else's file: lines that make no sense are passed over, and of a very long
// one every second point goes, again and again, but never the last ones.
using System.Text.Json;

namespace Unroll.Web.Runs;

/// <summary>Follows a log that <c>unroll train --log</c> writes.</summary>
/// <param name="path">The file.</param>
internal sealed class RunJournal(string path)
{
    private const int MostPoints = 20_000, MostSamples = 200, LongestLine = 1 << 20;

    private readonly List<RunPoint> points = [];
    private readonly List<RunSample> samples = [];
    private readonly List<byte> rest = []; // of a line that is not finished
    private long read;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The options, by <c>group.name</c>, such as <c>model.hidden</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; private set; } = new Dictionary<string, string>();

    /// <summary>Name of the text.</summary>
    public string Corpus => Options.GetValueOrDefault("corpus", "");

    /// <summary>Tokens in an epoch, as far as the log says.</summary>
    public double EpochTokens => double.TryParse(Options.GetValueOrDefault("trainingTokens"), out double tokens) ? Math.Max(1, tokens) : 1;

    /// <summary>The measurements, in order.</summary>
    public IReadOnlyList<RunPoint> Points => points;

    /// <summary>What the model said, the latest last.</summary>
    public IReadOnlyList<RunSample> Samples => samples;

    /// <summary>Counts up with everything new.</summary>
    public int Version { get; private set; }

    /// <summary>Reads what has come since.</summary>
    /// <returns>Whether anything has.</returns>
    public bool Follow()
    {
        try
        {
            using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length < read)
                Forget(); // it was cut, as a resumed run does, or begun anew
            if (file.Length == read)
                return false;
            file.Seek(read, SeekOrigin.Begin);
            byte[] buffer = new byte[1 << 16];
            for (int count = file.Read(buffer); count > 0; count = file.Read(buffer))
            {
                read += count;
                Take(buffer.AsSpan(0, count));
            }
            Version++;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or not ours to read: what is known stays
        }
    }

    private void Forget()
    {
        points.Clear();
        samples.Clear();
        rest.Clear();
        read = 0;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is int end and >= 0)
        {
            rest.AddRange(bytes[..end]);
            TakeLine(rest.ToArray());
            rest.Clear();
            bytes = bytes[(end + 1)..];
        }
        if (rest.Count + bytes.Length <= LongestLine)
            rest.AddRange(bytes);
    }

    private void TakeLine(byte[] line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return;
            if (root.TryGetProperty("model", out _))
            {
                // Another run has been appended: the last one counts.
                points.Clear();
                samples.Clear();
                Options = Flatten(root);
            }
            else if (root.TryGetProperty("sample", out JsonElement sample))
            {
                samples.Add(new RunSample(Whole(root, "epoch"), Text(sample, "prefix"), Text(sample, "text")));
                if (samples.Count > MostSamples)
                    samples.RemoveAt(0);
            }
            else if (root.TryGetProperty("update", out _))
            {
                points.Add(new RunPoint(Whole(root, "epoch"), Whole(root, "update"), Whole(root, "tokens"), Number(root, "seconds") ?? 0, Number(root, "loss"),
                    Number(root, "validationLoss"), Number(root, "tokensPerSecond"), Number(root, "lr")));
                if (points.Count > MostPoints)
                    Thin();
            }
        }
        catch (JsonException)
        {
            // Half a line of a run that was killed, or none of ours.
        }
    }

    // Measurements on the validation text are few, and stay.
    private void Thin()
    {
        int half = points.Count / 2;
        RunPoint[] kept = [.. points.Where((point, i) => i % 2 == 0 || i >= half || point.ValidationLoss is not null)];
        points.Clear();
        points.AddRange(kept);
    }

    private static Dictionary<string, string> Flatten(JsonElement root)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty group in root.EnumerateObject())
        {
            if (group.Value.ValueKind != JsonValueKind.Object)
                options[group.Name] = group.Value.ToString();
            else
                foreach (JsonProperty option in group.Value.EnumerateObject())
                    options[$"{group.Name}.{option.Name}"] = option.Value.ToString();
        }
        return options;
    }

    private static long Whole(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) && value.TryGetInt64(out long number) ? number : 0;

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
