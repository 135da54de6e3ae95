// The JSON objects of --json. Their keys are promises: scripts depend on them.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Unroll.Cli.Output;

/// <summary>A text and its continuation at the end of a training.</summary>
internal sealed record SampleJson(string Prefix, string Text);

/// <summary>A loss and its perplexity; null where a number is not finite.</summary>
internal sealed record LossJson(double? Loss, double? Perplexity);

/// <summary>A loss on a validation text.</summary>
internal sealed record ValidationJson(double? Loss, double? Perplexity, double? BitsPerCharacter, double? BitsPerByte);

/// <summary>The result of <c>train</c>.</summary>
internal sealed record TrainJson(
    string Model, int Members, long Parameters, int Vocabulary, long Epochs, long Updates, long Tokens, double Seconds, double TokensPerSecond,
    LossJson Training, ValidationJson? Validation, ValidationJson? NetworkValidation, IReadOnlyList<SampleJson> Samples);

/// <summary>Of all runs of so many tokens, the share that stands in the training text; null where the text is shorter.</summary>
internal sealed record ShareJson(int Order, double? Share);

/// <summary>The longest run that stands in the training text, in tokens.</summary>
internal sealed record RunJson(int Tokens, int Start, string Text);

/// <summary>How much of a text stands in the training text.</summary>
internal sealed record CopiedJson(long TrainingTokens, IReadOnlyList<ShareJson> Shares, RunJson Longest);

/// <summary>One generated text; what only a search or a report tells is null without.</summary>
internal sealed record GeneratedJson(
    string Prefix, string Text, long Tokens, double Seconds, double? LogProbability = null, double? Score = null, CopiedJson? Copied = null);

/// <summary>The result of <c>generate</c>.</summary>
internal sealed record GenerateJson(IReadOnlyList<GeneratedJson> Samples);

/// <summary>The result of <c>evaluate</c>.</summary>
internal sealed record EvaluateJson(
    long Tokens, long Characters, long Bytes, long Unknown, double? Loss, double? Perplexity,
    double? BitsPerToken, double? BitsPerCharacter, double? BitsPerByte, double? NetworkLoss, double TokensPerSecond);

/// <summary>A token of a scored line: null where a number is not finite.</summary>
internal sealed record TokenBitsJson(string Token, double? Bits, double? ExpectedBits);

/// <summary>A scored line; its tokens only where few lines are shown.</summary>
internal sealed record LineJson(
    long Line, double? Oddness, double? Bits, double? ExpectedBits, int Tokens, int Characters, int Bytes, int Unknown, string Text, int FirstToken,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TokenBitsJson>? Each);

/// <summary>The end of the result of <c>evaluate --per-line</c>, after its lines.</summary>
internal sealed record LinesJson(long Read, EvaluateJson Whole);

/// <summary>The end of a list that broke off.</summary>
internal sealed record BrokenOffJson(string Error);

/// <summary>A token that might have come.</summary>
internal sealed record AlternativeJson(string Token, double Probability);

/// <summary>A token that was read; null where nothing came before it.</summary>
internal sealed record ReadTokenJson(string Token, double? Probability, double? Bits, double? ExpectedBits, IReadOnlyList<AlternativeJson> Likeliest);

/// <summary>The end of the result of <c>evaluate --per-token</c>, after its tokens.</summary>
internal sealed record TokensJson(EvaluateJson Whole);

/// <summary>A text of several; null where there was nothing to measure.</summary>
internal sealed record MeasuredTextJson(string Text, EvaluateJson? Whole);

/// <summary>The result of <c>evaluate --per-file</c>.</summary>
internal sealed record TextsJson(IReadOnlyList<MeasuredTextJson> Texts);

/// <summary>A token and how often it occurs.</summary>
internal sealed record TokenJson(string Token, int Id, long Count);

/// <summary>The result of <c>inspect</c> on a text.</summary>
internal sealed record TextJson(string Kind, long Characters, long Tokens, int Vocabulary, IReadOnlyList<TokenJson> Top,
    IReadOnlyList<AdviceJson> Advice, double? CountsLoss);

/// <summary>A run that suits a text.</summary>
internal sealed record AdviceJson(double Seconds, int Networks, int Units, double Passes);

/// <summary>One tensor of a model.</summary>
internal sealed record TensorJson(string Name, IReadOnlyList<int> Shape);

/// <summary>The result of <c>inspect</c> on a model.</summary>
internal sealed record ModelJson(
    string Kind, JsonNode Options, IReadOnlyList<JsonNode> Members, JsonNode Text, long Parameters, int Vocabulary, string Fingerprint, IReadOnlyList<TensorJson> Tensors,
    JsonNode? Summary, bool UnderWay);

/// <summary>What a page has not of a model.</summary>
internal sealed record LeftOutJson(long MemoryTokens, int Networks, long Ngrams);

/// <summary>What a model loses by being exported, in nats per token of a text.</summary>
internal sealed record CheckJson(long Tokens, double? Loss, double? ExportedLoss);

/// <summary>A web page that holds a model.</summary>
internal sealed record WebPageJson(string File, long Bytes, int Bits, int Networks, LeftOutJson LeftOut, CheckJson? Check);

/// <summary>A model as ONNX.</summary>
internal sealed record OnnxJson(string File, long Bytes, int Networks, long LeftOutMemoryTokens, CheckJson? Check);

/// <summary>The result of <c>export</c>: what was asked for.</summary>
internal sealed record ExportJson(WebPageJson? Html, OnnxJson? Onnx);

/// <summary>A tensor's name here and in the file that it came from.</summary>
internal sealed record ImportedTensorJson(string Name, string From);

/// <summary>The result of <c>import</c>.</summary>
internal sealed record ImportJson(
    string Model, JsonNode Options, JsonNode Text, long Parameters, int Vocabulary, bool HadUnknown, IReadOnlyList<ImportedTensorJson> Tensors);

/// <summary>A named dataset; the path is null where it is not on this machine.</summary>
internal sealed record DatasetJson(string Name, string Description, string? Path);

/// <summary>The result of <c>data</c>.</summary>
internal sealed record DataJson(IReadOnlyList<DatasetJson> Datasets);

/// <summary>A file that keeps a long text's ids; the text's name is null where the file is damaged.</summary>
internal sealed record CacheFileJson(string? Text, long Bytes, string Path);

/// <summary>The result of <c>data cache</c>.</summary>
internal sealed record CacheJson(IReadOnlyList<CacheFileJson> Caches);

/// <summary>A file that was compressed or expanded: what it was, and what it became.</summary>
internal sealed record CodedFileJson(string File, string Out, long Bytes, long CompressedBytes);

/// <summary>The result of <c>compress</c> and <c>expand</c>.</summary>
internal sealed record CodedFilesJson(IReadOnlyList<CodedFileJson> Files, long Bytes, long CompressedBytes, double Seconds);

/// <summary>The speeds of one configuration.</summary>
internal sealed record BenchResultJson(
    string Cell, int Hidden, int Layers, int Embedding, int Vocabulary, int Batch, int Steps, int Streams,
    double MillisecondsPerStep, double TokensPerSecond, double GigaflopsPerSecond, double FractionOfPeak, double EvaluatedTokensPerSecond, double GeneratedTokensPerSecond);

/// <summary>The result of <c>bench</c>.</summary>
internal sealed record BenchJson(double PeakGigaflopsPerSecond, int Lanes, int Threads, IReadOnlyList<BenchResultJson> Results);

/// <summary>A run of a sweep; null where it is not finished, or has no validation text, or has not failed.</summary>
internal sealed record SweepRunJson(
    string Name, string State, IReadOnlyDictionary<string, string?> Options, string Model, string Log, long? Updates, long? Tokens, double? Seconds,
    LossJson? Training, LossJson? Validation, string? Error);

/// <summary>The result of <c>sweep</c>.</summary>
internal sealed record SweepJson(IReadOnlyList<SweepRunJson> Runs);

/// <summary>Writes results as JSON: camel case, one object, text other than ASCII as it is.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TrainJson))]
[JsonSerializable(typeof(GenerateJson))]
[JsonSerializable(typeof(EvaluateJson))]
[JsonSerializable(typeof(LineJson))]
[JsonSerializable(typeof(LinesJson))]
[JsonSerializable(typeof(BrokenOffJson))]
[JsonSerializable(typeof(ReadTokenJson))]
[JsonSerializable(typeof(TokensJson))]
[JsonSerializable(typeof(TextsJson))]
[JsonSerializable(typeof(TextJson))]
[JsonSerializable(typeof(ModelJson))]
[JsonSerializable(typeof(DataJson))]
[JsonSerializable(typeof(CacheJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(ExportJson))]
[JsonSerializable(typeof(CodedFilesJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(SweepJson))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    /// <summary>The context to write with.</summary>
    public static JsonOutput Readable =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same with every object on one line.</summary>
    public static JsonOutput Compact =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = false });

    /// <summary>Writes one object and a line end.</summary>
    public static void Write<T>(TextWriter writer, T value, JsonTypeInfo<T> type) => writer.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>The number, or null where JSON has no word for it.</summary>
    public static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
