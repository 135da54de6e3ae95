using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tests.Architecture;
using Unroll.Tests.Checkpoints;
using Unroll.Tests.Data;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>The model file between Unroll and PyTorch, both ways. The files in model_file/ are of version 1 of the format: those named
/// torch-… were written by model_file.py, those named unroll-… by Unroll 0.1; losses.json has PyTorch's loss for each on text.txt.</summary>
public class ModelFileTests
{
    private const double Tolerance = 1e-5;
    private const string Python = "/usr/bin/python3";

    private static readonly string Folder = Repository.Path("tests", "Unroll.Tests", "Oracles", "model_file");
    private static readonly string Script = Repository.Path("tests", "Unroll.Tests", "Oracles", "model_file.py");
    private static readonly Dictionary<string, Measured> Losses = ReadLosses(File.ReadAllText(Path.Combine(Folder, "losses.json")));

    // Most of the text's characters; the others are unknown to the models.
    private static readonly string[] Tokens = ["<unk>", .. " etahnosilrdmubcvfékw,.\"\n:".Select(letter => $"{letter}"), "时", "🙂", "\\", "\0", "or"];

    private static readonly Dictionary<string, Checkpoint> FromUnroll = new()
    {
        ["unroll-rnn-relu-1-bias"] = Make(1, new() { Cell = CellKind.Rnn, HiddenSize = 9, Activation = Activation.Relu, Biases = Biases.One, Initialization = Initialization.Normal }),
        ["unroll-gru-embedding-2-layers"] = Make(2, new() { Cell = CellKind.Gru, HiddenSize = 7, Layers = 2, EmbeddingSize = 5 }),
        ["unroll-gru-reset-before"] = Make(3, new() { Cell = CellKind.Gru, HiddenSize = 6, ResetGate = ResetGate.Before }),
        ["unroll-lstm-tied-1-bias-under-way"] = Make(4, new() { Cell = CellKind.Lstm, HiddenSize = 6, EmbeddingSize = 6, TieWeights = true, Biases = Biases.One }) with
        {
            Summary = new() { Epochs = 2, Updates = 31, Tokens = 34720, TrainingLoss = 2.0 / 3, ValidationLoss = 0.7, Seed = 9 },
            Training = new("""{"where":"half way"}""", new Dictionary<string, float[]> { ["first_moment"] = [0.5f, -1e-30f], ["nothing"] = [] }),
        },
    };

    private static readonly Lazy<string?> PythonIsMissing = new(() =>
        !File.Exists(Python) ? $"There is no {Python} here."
        : Run("-c", "import torch").ExitCode != 0 ? $"{Python} has no torch (on Debian: apt-get install python3-torch)."
        : null);

    public static TheoryData<string> All => [.. Losses.Keys];

    public static TheoryData<string> TorchNames => [.. Losses.Keys.Where(name => name.StartsWith("torch-", StringComparison.Ordinal))];

    public static TheoryData<string> UnrollNames => [.. FromUnroll.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void A_file_has_in_Unroll_the_loss_that_it_has_in_PyTorch(string name)
    {
        LanguageModel model = LanguageModel.Load(PathOf(name));

        EvaluationResult result = Evaluator.Evaluate(model, TextSource.FromPaths([Path.Combine(Folder, "text.txt")]), threads: 1);

        Assert.Equal(Losses[name].Tokens, result.Tokens);
        Assert.Equal(Losses[name].Loss, result.Loss, Tolerance);
    }

    [Fact]
    public void The_loss_on_a_whole_book_is_PyTorch_s()
    {
        // model_file.py evaluate model_file/torch-lstm-3-layers-embedding.safetensors timemachine.txt
        var expected = new Measured(178_978, 3.25049021165023);
        TextSource book = TextSource.FromPaths([RealTexts.Path("timemachine.txt")]);

        EvaluationResult result = Evaluator.Evaluate(LanguageModel.Load(PathOf("torch-lstm-3-layers-embedding")), book);

        Assert.Equal(expected.Tokens, result.Tokens);
        Assert.Equal(expected.Loss, result.Loss, Tolerance);
    }

    [Theory]
    [MemberData(nameof(TorchNames))]
    public void A_file_of_version_1_comes_out_of_Unroll_with_the_same_tensors(string name) =>
        AssertSameTensors(File.ReadAllBytes(PathOf(name)), Checkpoint.Read(PathOf(name)).Bytes());

    [Theory]
    [MemberData(nameof(UnrollNames))]
    public void Unroll_writes_the_very_tensors_that_PyTorch_read(string name) =>
        AssertSameTensors(File.ReadAllBytes(PathOf(name)), FromUnroll[name].Bytes());

    [Theory]
    [MemberData(nameof(UnrollNames))]
    public void Unroll_reads_what_its_first_version_wrote(string name)
    {
        Checkpoint written = FromUnroll[name], read = Checkpoint.Read(PathOf(name));

        Assert.Equal(written.Model.Options, read.Model.Options);
        Assert.Equal(written.Model.Vocabulary.Text, read.Model.Vocabulary.Text);
        Assert.Equal(written.Summary, read.Summary);
        Assert.Null(read.Training);
        CheckpointMetadata metadata = Checkpoint.ReadMetadata(PathOf(name));
        Assert.Equal((1, written.Training is not null, false), (metadata.Version, metadata.UnderWay, metadata.CanBeResumed));
    }

    [Theory]
    [InlineData("""{"cell":"gru","hidden":6,"layers":2}""")]
    [InlineData("""{"cell":"lstm","hidden":5,"embedding":5,"tie":true,"biases":"one"}""")]
    public void A_file_from_PyTorch_comes_out_of_Unroll_as_it_went_in(string options)
    {
        using var folder = new TemporaryFolder();
        RunPython(Script, "write", folder["model.safetensors"], Path.Combine(Folder, "text.txt"), "--updates", "3", "--options", options);

        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), Checkpoint.Read(folder["model.safetensors"]).Bytes());
    }

    [Fact]
    public void Every_kept_file_has_its_loss() => Assert.Equal(
        Losses.Keys.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Folder, "*.safetensors").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));

    [Fact]
    public void PyTorch_still_says_so()
    {
        foreach ((string name, Measured measured) in Measure(Folder))
        {
            Assert.Equal(Losses[name].Tokens, measured.Tokens);
            Assert.Equal(Losses[name].Loss, measured.Loss, 1e-9);
        }
    }

    [Fact]
    public void PyTorch_reads_fresh_models_of_a_cleaned_text()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(TextSource.Story.Read().Select(piece => piece.ToString()))[..1500];
        File.WriteAllText(folder["text.txt"], text);
        Corpus corpus = Corpus.Load(folder["text.txt"], new TextOptions { Clean = Cleaning.Textbook });
        foreach (CellKind cell in Enum.GetValues<CellKind>())
            LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = cell, HiddenSize = 16, Layers = 2 }, seed: 5).Save(folder[$"{cell}.safetensors"]);

        Dictionary<string, Measured> measured = Measure(folder.Path);

        Assert.Equal(Enum.GetNames<CellKind>().Order(), measured.Keys.Order());
        foreach ((string name, Measured expected) in measured)
        {
            EvaluationResult result = Evaluator.Evaluate(LanguageModel.Load(folder[$"{name}.safetensors"]), TextSource.FromString(text));
            Assert.Equal(expected.Tokens, result.Tokens);
            Assert.Equal(expected.Loss, result.Loss, Tolerance);
        }
    }

    [Fact]
    public void PyTorch_reads_an_adaptive_softmax()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Range(0, 3000).Select(i => (char)(0x4E00 + i * (i + 7) % 1009)));
        File.WriteAllText(folder["text.txt"], text);
        Vocabulary vocabulary = Corpus.Load(folder["text.txt"]).Vocabulary;
        var shape = new ModelOptions { Cell = CellKind.Gru, HiddenSize = 80, EmbeddingSize = 8, AdaptiveSoftmax = 32 };
        LanguageModel.Create(vocabulary, shape, seed: 5).Save(folder["adaptive.safetensors"]);

        Measured expected = Assert.Single(Measure(folder.Path)).Value;

        EvaluationResult result = Evaluator.Evaluate(LanguageModel.Load(folder["adaptive.safetensors"]), TextSource.FromString(text));
        Assert.Equal(expected.Tokens, result.Tokens);
        Assert.Equal(expected.Loss, result.Loss, Tolerance);
    }

    [Fact]
    public void The_snippets_of_the_documentation_run()
    {
        using var folder = new TemporaryFolder();
        File.Copy(PathOf("torch-lstm"), folder["model.safetensors"]);
        string page = File.ReadAllText(Repository.Path("docs", "model-file.md")).ReplaceLineEndings("\n");
        string[] snippets = [.. page.Split("```python\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.Equal(3, snippets.Length);
        File.WriteAllText(folder["snippets.py"], string.Concat(snippets).Replace("model.safetensors", folder["model.safetensors"].Replace('\\', '/')));

        string printed = RunPython(folder["snippets.py"]);

        using var generator = new TextGenerator(LanguageModel.Load(folder["model.safetensors"]));
        Assert.Equal(generator.Generate("the time traveller", 50) + "\n", printed.ReplaceLineEndings("\n"));
    }

    private static string PathOf(string name) => Path.Combine(Folder, name + ".safetensors");

    private static void AssertSameTensors(byte[] expected, byte[] actual)
    {
        Assert.Equal(ForgedFile.Data(expected), ForgedFile.Data(actual));
        Assert.Equal(Entries(expected), Entries(actual));

        static string Entries(byte[] file)
        {
            JsonObject header = JsonNode.Parse(ForgedFile.Header(file))!.AsObject();
            header.Remove("__metadata__");
            return header.ToJsonString();
        }
    }

    private static Checkpoint Make(ulong seed, ModelOptions options)
    {
        LanguageModel model = TestModels.Create(options, Tokens, seed: seed);
        // ReLU's state grows without end where weights are large.
        foreach (ref float value in model.Parameters.Values)
            value *= options.Activation == Activation.Relu ? 1 : 2;
        return new Checkpoint(model);
    }

    private static Dictionary<string, Measured> ReadLosses(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, Measured>>(json, JsonSerializerOptions.Web)!;

    /// <summary>PyTorch's losses for the models of a folder on its text.txt.</summary>
    private static Dictionary<string, Measured> Measure(string folder) =>
        ReadLosses(RunPython(Script, "losses", folder));

    /// <summary>Runs a script and gives what it prints, or skips the test where that cannot be done.</summary>
    private static string RunPython(params string[] arguments)
    {
        Assert.SkipWhen(PythonIsMissing.Value is not null, PythonIsMissing.Value ?? "");
        (int exitCode, string output, string errors) = Run(arguments);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    private static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["PYTHONIOENCODING"] = "utf-8" },
        })!;
        Task<string> errors = Task.Run(process.StandardError.ReadToEnd);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private sealed record Measured(long Tokens, double Loss);
}
