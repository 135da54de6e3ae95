// The log of a run: one JSON object per line, the first with every option. Made for other programs to read.
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Files;
using Unroll.Options;

namespace Unroll.Runs;

/// <summary>Appends a run's options and its reports to a file. A resumed run goes on where the earlier one was saved: its lines
/// are the ones that an uninterrupted run would have written.</summary>
internal sealed class RunLog : IDisposable
{
    private const string Start = "{\"model\":{";
    private const int LongestHead = 1 << 16;

    private readonly string path;
    private readonly bool goesOn;
    private readonly byte[] head;
    private FileStream? file;
    private List<(long Update, long Position)> earlier = []; // this run's lines before it was broken off

    /// <summary>Prepares the log; nothing is written before the run has begun.</summary>
    /// <param name="path">The file.</param>
    /// <param name="goesOn">Whether the run is a resumed one.</param>
    /// <param name="model">The model that learns.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="options">How.</param>
    public RunLog(string path, bool goesOn, LanguageModel model, Corpus corpus, TrainingOptions options)
    {
        (this.path, this.goesOn) = (path, goesOn);
        head = Line(json =>
        {
            json.WritePropertyName("model");
            OptionsWriter.Write(json, model.Options, ModelOptions.Pass);
            json.WritePropertyName("text");
            OptionsWriter.Write(json, model.Vocabulary.Text, TextOptions.Pass);
            json.WritePropertyName("part");
            OptionsWriter.Write(json, corpus.Options, CorpusOptions.Pass);
            json.WritePropertyName("training");
            OptionsWriter.Write(json, options, TrainingOptions.Pass);
            json.WriteString("corpus", corpus.Name);
            json.WriteString("fingerprint", corpus.Fingerprint);
            if (model.Origin is string origin)
                json.WriteString("from", origin);
            json.WriteNumber("trainingTokens", corpus.Training.Length);
            json.WriteNumber("validationTokens", corpus.Validation?.Length ?? 0);
            json.WriteNumber("vocabulary", corpus.Vocabulary.Count);
            json.WriteNumber("parameters", model.ParameterCount);
            if (model.Members.Count > 1)
                json.WriteNumber("members", model.Members.Count);
        });
    }

    /// <summary>Whether a file is a log that Unroll wrote: its first line holds a run's options.</summary>
    public static bool IsOne(string path)
    {
        if (FirstLook.File(path) is not { } file)
            return false;
        var first = new char[LongestHead];
        using StreamReader reader = file.OpenText();
        ReadOnlySpan<char> text = first.AsSpan(0, reader.ReadBlock(first));
        int end = text.IndexOf('\n');
        return end > 0 && text.StartsWith(Start, StringComparison.Ordinal) && IsHead(text[..end].ToString());
    }

    /// <summary>Opens the file and says what the run is, unless that stands there already.</summary>
    public void Begin()
    {
        if (file != null)
            return;
        bool isFile = FirstLook.File(path) != null;
        file = isFile ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0)
            : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (!isFile || !FindEarlier(file))
            file.Write(head);
    }

    /// <summary>Appends a report.</summary>
    public void Add(TrainingReport report)
    {
        Begin();
        // What a broken-off run wrote after its last save happens again.
        if (earlier.FirstOrDefault(line => line.Update >= report.Update) is { Position: > 0 and long position })
            file!.SetLength(position);
        earlier = [];
        file!.Write(Line(report));
    }

    /// <summary>Appends what the model said in training.</summary>
    /// <param name="report">The report at which it spoke, which has been added.</param>
    /// <param name="prefix">What it continued.</param>
    /// <param name="text">How.</param>
    public void Add(TrainingReport report, string prefix, string text)
    {
        Begin();
        file!.Write(Line(json =>
        {
            json.WriteNumber("epoch", report.Epoch);
            json.WriteNumber("update", report.Update);
            json.WriteStartObject("sample");
            json.WriteString("prefix", prefix);
            json.WriteString("text", text);
            json.WriteEndObject();
        }));
    }

    private static byte[] Line(TrainingReport report) => Line(json =>
    {
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("update", report.Update);
        json.WriteNumber("tokens", report.Tokens);
        Number(json, "loss", report.Loss);
        Number(json, "perplexity", report.Perplexity);
        Number(json, "validationLoss", report.ValidationLoss);
        Number(json, "bestValidationLoss", report.BestValidationLoss);
        if (report.Networks.Count > 0)
        {
            json.WriteStartArray("networkValidationLosses");
            foreach (TrainingReport network in report.Networks)
                Write(json, network.BestValidationLoss);
            json.WriteEndArray();
        }
        Number(json, "lr", report.LearningRate);
        Number(json, "gradientNorm", report.GradientNorm);
        Number(json, "tokensPerSecond", report.TokensPerSecond);
        Number(json, "seconds", report.Seconds);
    });

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    // Looks for this run's lines at the end of the file. Half a line, which a killed run left, is taken away.
    private bool FindEarlier(FileStream log)
    {
        var content = new byte[log.Length];
        log.ReadExactly(content);
        int end = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (end < content.Length)
            log.SetLength(end);
        log.Seek(0, SeekOrigin.End);
        int start = goesOn ? content.AsSpan(0, end).LastIndexOf(head) : -1;
        if (start < 0)
            return false;
        for (int position = start + head.Length; position < end;)
        {
            ReadOnlySpan<byte> rest = content.AsSpan(position..end);
            ReadOnlySpan<byte> line = rest[..(rest.IndexOf((byte)'\n') + 1)];
            if (Update(line) is not long update)
                return false; // another run came between
            earlier.Add((update, position));
            position += line.Length;
        }
        return true;
    }

    private static long? Update(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return JsonElement.ParseValue(ref reader).GetProperty("update").GetInt64();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static bool IsHead(string line)
    {
        try
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            return json.GetProperty("model").TryGetProperty("cell", out _) && json.TryGetProperty("training", out _)
                && json.TryGetProperty("fingerprint", out _);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        Write(json, value);
    }

    private static void Write(Utf8JsonWriter json, double? value)
    {
        if (value is double number && double.IsFinite(number))
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }
}
