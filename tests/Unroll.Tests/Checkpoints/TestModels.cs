using Unroll.Model;

namespace Unroll.Tests.Checkpoints;

/// <summary>Tiny models with numbers in every place, made without the engine.</summary>
internal static class TestModels
{
    public static readonly string[] Tokens = ["<unk>", " ", "e", "\"", "\\", "\n", "é", "中", "😀", "<0x41>", "\0", "\u007f", "\u2028", "\uffff", "\U0010ffff", "or"];

    public static LanguageModel Create(ModelOptions options, IReadOnlyList<string>? tokens = null, TextOptions? text = null, ulong seed = 1)
    {
        var vocabulary = new Vocabulary(tokens ?? Tokens, text ?? new TextOptions());
        NgramIndex? ngrams = options.NgramOrder > 0 ? NgramCounter.Count(new TokenIds(Text(vocabulary.Count)), vocabulary.Count, vocabulary.EndId, options) : null;
        var model = new LanguageModel(vocabulary, options, ngrams);
        Fill(model.Parameters.Values, seed);
        return model;
    }

    // A text in which n-grams repeat.
    private static int[] Text(int tokens) => [.. Enumerable.Range(0, 60).Select(i => i * i % 7 % tokens)];

    /// <summary>All a file can hold, small.</summary>
    public static Checkpoint CreateCheckpoint(ModelOptions? options = null) => new(
        Create(options ?? new ModelOptions { Cell = CellKind.Gru, HiddenSize = 3, EmbeddingSize = 2 }),
        new TrainingSummary { Epochs = 3, Updates = 24, Tokens = 26880, TrainingLoss = 1.0 / 3, ValidationLoss = 0.1, Seed = ulong.MaxValue },
        new TrainingSnapshot("""{"epoch":3,"note":"\"x\" é"}""", new Dictionary<string, float[]> { ["moment2"] = [4, 5], ["moment1"] = [1, 2, -0f], ["empty"] = [] }));

    /// <summary>A file as Unroll 0.1 wrote it, a run under way in it.</summary>
    public static byte[] FirstVersion()
    {
        byte[] file = CreateCheckpoint(new ModelOptions { Cell = CellKind.Gru, HiddenSize = 3, EmbeddingSize = 2, ResetGate = ResetGate.Before, Biases = Biases.One }).Bytes();
        return ForgedFile.EditMetadata(file, metadata =>
        {
            metadata["version"] = "1";
            metadata["options"] = """{"cell":"gru","hidden":3,"layers":1,"embedding":2,"activation":"tanh","resetGate":"before","init":"uniform","bias":"single","dropout":0.25,"tie":false}""";
            metadata["text"] = """{"tokens":"character","clean":"textbook","maxTokens":10000,"minCount":2,"validation":0.1}""";
            metadata["summary"] = """{"epochs":1,"updates":7,"tokens":448,"trainingLoss":2.5,"seed":1,"options":"{\"batch\":4,\"steps\":16,\"sampling\":\"random\",\"epochs\":3,\"updates\":0,\"budget\":\"00:03:00\",\"optimizer\":\"adam\",\"lr\":0.01,\"schedule\":\"constant\",\"warmup\":0,\"clip\":1,\"weightDecay\":0,\"seed\":1}","text":"abc"}""";
        });
    }

    public static void Fill(Span<float> values, ulong seed)
    {
        var random = new RandomStream(seed, RandomPurpose.InitialWeights, 0);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(random.Uniform((ulong)i) - 0.5);
    }

    public static byte[] Bytes(this Checkpoint checkpoint)
    {
        using var folder = new TemporaryFolder();
        Checkpoint.Write(folder["model.safetensors"], checkpoint);
        return File.ReadAllBytes(folder["model.safetensors"]);
    }

    public static Checkpoint Read(byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        return Checkpoint.Read(folder.Write("model.safetensors", bytes));
    }
}
