using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>What docs/model-file.md promises to those who read the file from another language.</summary>
public class FileFormatTests
{
    [Fact]
    public void TheHeaderIsThisText()
    {
        LanguageModel model = TestModels.Create(
            new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2, Activation = Activation.Relu, Initialization = Initialization.Normal, Biases = Biases.One },
            ["<unk>", "\"", "é"], new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook });
        var summary = new TrainingSummary { Epochs = 1, Updates = 2, Tokens = 3, TrainingLoss = 1.5, Seed = 4, Training = new() { Dropout = 0.1 }, Corpus = new() { MaxTokens = 10000, MinCount = 2, Validation = 0.1 }, Fingerprint = "ab", From = string.Concat(Enumerable.Repeat("0123456789abcdef", 4)) };
        var training = new TrainingSnapshot("""{"a":1}""", new Dictionary<string, float[]> { ["moment"] = [1, 2] });

        byte[] file = new Checkpoint(model, summary, training).Bytes();

        Assert.Equal("""
            {"__metadata__":{"format":"unroll","version":"2",
            "options":"{\"cell\":\"rnn\",\"hidden\":2,\"layers\":1,\"embedding\":0,\"activation\":\"relu\",\"resetGate\":\"after\",\"init\":\"normal\",\"forgetBias\":0,\"biases\":\"one\",\"inputNgrams\":0,\"outputNgrams\":0,\"ngramCount\":2,\"ngramRows\":1000000,\"adaptiveSoftmax\":0,\"tie\":false}",
            "text":"{\"tokens\":\"word\",\"clean\":\"textbook\",\"documents\":\"none\"}",
            "summary":"{\"epochs\":1,\"updates\":2,\"tokens\":3,\"trainingLoss\":1.5,\"seed\":4,
            \"training\":{\"batch\":32,\"sequenceLength\":64,\"sampling\":\"sequential\",\"epochs\":20,\"updates\":0,\"measure\":0,\"patience\":0,\"rollbacks\":3,\"optimizer\":\"adam\",\"momentum\":0,\"beta1\":0.9,\"beta2\":0.999,\"lr\":0.002,\"schedule\":\"constant\",\"cooldown\":1,\"schedulePower\":1.2,\"plateauPatience\":3,\"plateauFactor\":0.5,\"warmup\":0,\"tailAverage\":0,\"clip\":1,\"clipBy\":\"norm\",\"weightDecay\":0,\"dropout\":0.1,\"ngramDropout\":0,\"ngramRate\":0.1,\"dropoutMask\":\"fresh\",\"inputDropout\":0,\"stateDropout\":0,\"memory\":0,\"softmaxSample\":0,\"activationPenalty\":0,\"changePenalty\":0,\"seed\":1,\"shards\":1},
            \"corpus\":{\"maxTokens\":10000,\"minCount\":2,\"validation\":0.1,\"heldBack\":0,\"newTokens\":false},\"fingerprint\":\"ab\",\"from\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
            "training":"{\"a\":1}",
            "vocabulary":"[\"<unk>\",\"\\\"\",\"é\"]"},
            "rnn.weight_ih_l0":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "rnn.weight_hh_l0":{"dtype":"F32","shape":[2,2],"data_offsets":[24,40]},
            "rnn.bias_ih_l0":{"dtype":"F32","shape":[2],"data_offsets":[40,48]},
            "rnn.bias_hh_l0":{"dtype":"F32","shape":[2],"data_offsets":[48,56]},
            "decoder.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[56,80]},
            "decoder.bias":{"dtype":"F32","shape":[3],"data_offsets":[80,92]},
            "training.moment":{"dtype":"F32","shape":[2],"data_offsets":[92,100]}}
            """.ReplaceLineEndings(""), ForgedFile.Header(file).TrimEnd(' '));
        Assert.Equal(0, (8 + ForgedFile.HeaderLength(file)) % 64);
        Assert.Equal(100, ForgedFile.Data(file).Length);
    }

    [Fact]
    public void NumbersAreLittleEndianAndRowMajor()
    {
        LanguageModel model = TestModels.Create(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2 }, ["<unk>", "a"]);
        byte[] file = new Checkpoint(model).Bytes();

        Span<float> matrix = model.Parameters["rnn.weight_ih_l0"]; // [H, V], the first tensor
        for (int i = 0; i < 4; i++)
            Assert.Equal(matrix[i], BinaryPrimitives.ReadSingleLittleEndian(ForgedFile.Data(file)[(4 * i)..]));
    }

    [Fact]
    public void OneBiasVectorIsWrittenAsTwoOfWhichTheSecondIsZero()
    {
        byte[] file = new Checkpoint(TestModels.Create(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 3, Layers = 2, Biases = Biases.One })).Bytes();

        foreach (string name in new[] { "rnn.bias_hh_l0", "rnn.bias_hh_l1" })
            Assert.Equal(new float[12], Tensor(file, name));
        Assert.DoesNotContain(0f, Tensor(file, "rnn.bias_ih_l1"));
    }

    [Fact]
    public void SharedWeightsAreWrittenTwice()
    {
        byte[] file = new Checkpoint(TestModels.Create(new ModelOptions { HiddenSize = 3, EmbeddingSize = 3, TieWeights = true })).Bytes();

        Assert.Equal(Tensor(file, "embedding.weight"), Tensor(file, "decoder.weight"));
    }

    [Fact]
    public void AFinishedModelCarriesNoStateAndNoSummaryThatItHasNot()
    {
        JsonObject header = JsonNode.Parse(ForgedFile.Header(new Checkpoint(TestModels.Create(new ModelOptions { HiddenSize = 2 })).Bytes()))!.AsObject();

        Assert.Equal(["format", "version", "options", "text", "vocabulary"], header["__metadata__"]!.AsObject().Select(entry => entry.Key));
        Assert.DoesNotContain(header, entry => entry.Key.StartsWith("training.", StringComparison.Ordinal));
    }

    [Fact]
    public void MissingOptionsHaveTheirDefaults()
    {
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 2 });
        byte[] file = ForgedFile.EditMetadata(new Checkpoint(model, new TrainingSummary { Seed = 5 }).Bytes(), metadata =>
        {
            metadata["options"] = """{"hidden":2}""";
            metadata["text"] = "{}";
            metadata["summary"] = """{"epochs":7}""";
        });

        Checkpoint read = TestModels.Read(file);

        Assert.Equal(new ModelOptions { HiddenSize = 2 }, read.Model.Options);
        Assert.Equal(new TextOptions(), read.Model.Vocabulary.Text);
        Assert.Equal(new TrainingSummary { Epochs = 7 }, read.Summary);
    }

    [Fact]
    public void OrderAndAlignmentAreFreeForAReader()
    {
        LanguageModel model = TestModels.Create(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2 }, ["<unk>", "a"]);
        byte[] file = new Checkpoint(model).Bytes();
        // Another writer's choice: header sorted by name, metadata last, no padding, keys this version does not know.
        JsonObject header = JsonNode.Parse(ForgedFile.Header(file))!.AsObject();
        var sorted = new JsonObject(header.OrderByDescending(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
        sorted["__metadata__"]!["comment"] = "kept in a drawer";
        byte[] other = ForgedFile.Make("\n" + sorted.ToJsonString() + "\t", ForgedFile.Data(file));

        Assert.True(model.Parameters.Values.SequenceEqual(TestModels.Read(other).Model.Parameters.Values));
    }

    private static float[] Tensor(byte[] file, string name)
    {
        JsonNode offsets = JsonNode.Parse(ForgedFile.Header(file))![name]!["data_offsets"]!;
        ReadOnlySpan<byte> bytes = ForgedFile.Data(file)[offsets[0]!.GetValue<int>()..offsets[1]!.GetValue<int>()];
        float[] values = new float[bytes.Length / 4];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        return values;
    }
}
