// The log of a run: one JSON object per line, the first with every option. Made for other programs to read.
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Checkpoints;
using Unroll.Training;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>Appends a run's options and its reports to a file.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly StreamWriter writer;

    /// <summary>Opens the file and writes the options.</summary>
    /// <exception cref="UnrollException">The file cannot be written.</exception>
    public RunLog(string path, LanguageModel model, Corpus corpus, TrainingOptions options)
    {
        try
        {
            writer = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"The log cannot be written: {exception.Message} Choose another file with --log.", exception);
        }
        WriteLine(json =>
        {
            json.WritePropertyName("model");
            JsonSerializer.Serialize(json, model.Options, OptionsJson.Readable.ModelOptions);
            json.WritePropertyName("text");
            JsonSerializer.Serialize(json, model.Vocabulary.Text, OptionsJson.Readable.TextOptions);
            json.WritePropertyName("training");
            JsonSerializer.Serialize(json, options, TrainingJson.Default.TrainingOptions);
            json.WriteString("corpus", corpus.Name);
            json.WriteString("fingerprint", corpus.Fingerprint);
            json.WriteNumber("trainingTokens", corpus.Training.Length);
            json.WriteNumber("validationTokens", corpus.Validation?.Length ?? 0);
            json.WriteNumber("vocabulary", corpus.Vocabulary.Count);
            json.WriteNumber("parameters", model.Parameters.Count);
        });
    }

    /// <summary>Appends a report.</summary>
    public void Add(TrainingReport report) => WriteLine(json =>
    {
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("update", report.Update);
        json.WriteNumber("tokens", report.Tokens);
        Number(json, "loss", report.Loss);
        Number(json, "perplexity", report.Perplexity);
        Number(json, "validationLoss", report.ValidationLoss);
        Number(json, "bestValidationLoss", report.BestValidationLoss);
        Number(json, "lr", report.LearningRate);
        Number(json, "gradientNorm", report.GradientNorm);
        Number(json, "tokensPerSecond", report.TokensPerSecond);
        Number(json, "seconds", report.Seconds);
    });

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        writer.WriteLine(System.Text.Encoding.UTF8.GetString(line.ToArray()));
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
