using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tests.Architecture;
using Unroll.Tests.Checkpoints;
using Xunit;

namespace Unroll.Tests.Import;

/// <summary>Files from PyTorch become models that predict what PyTorch does. Those in Oracles/import_model, and PyTorch's
/// predictions beside them, were made by Oracles/import_model.py.</summary>
public class ImportedModelTests
{
    private const double Tolerance = 1e-5;

    private static readonly string Folder = Repository.Path("tests", "Unroll.Tests", "Oracles", "import_model");
    private static readonly Dictionary<string, Predicted> Predictions =
        JsonSerializer.Deserialize<Dictionary<string, Predicted>>(File.ReadAllText(Path.Combine(Folder, "predictions.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Names => [.. Predictions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_predicts_what_PyTorch_predicts(string name)
    {
        ImportedModel imported = Import(name);
        Predicted expected = Predictions[name];
        Vocabulary vocabulary = imported.Model.Vocabulary;
        int[] ids = [.. expected.Tokens.Select(token => vocabulary[token])];
        Assert.DoesNotContain(Vocabulary.UnknownId, ids);

        using var predictor = new TextPredictor(imported.Model, threads: 1);
        predictor.SetState(new RecurrentState(imported.Model)); // nothing before the first token, not even a line break
        float[] logs = new float[vocabulary.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            predictor.Feed([ids[i]]);
            predictor.LogProbabilities(logs);
            if (i + 1 < ids.Length)
                Assert.Equal(expected.LogProbabilities[i], logs[ids[i + 1]], Tolerance * Math.Max(1, -expected.LogProbabilities[i]));
        }
        foreach ((string token, double log) in expected.Last)
            Assert.Equal(log, logs[vocabulary[token]], Tolerance * Math.Max(1, -log));
        Assert.Equal(imported.HadUnknown ? expected.Last.Count : expected.Last.Count + 1, vocabulary.Count);
        Assert.Equal(expected.Last.ContainsKey(Vocabulary.UnknownToken), imported.HadUnknown);
        if (!imported.HadUnknown)
            Assert.InRange(logs[Vocabulary.UnknownId], double.NegativeInfinity, -20 - Math.Log(expected.Last.Count));
    }

    [Fact]
    public void Shapes_and_names_tell_what_a_model_is()
    {
        ModelOptions lstm = Import("lstm-one-hot").Model.Options, words = Import("words-tied-2-layers-f16").Model.Options,
            bare = Import("rnn-relu-bare-bf16").Model.Options, adaptive = Import("gru-adaptive").Model.Options;
        Assert.Equal(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 7 }, lstm);
        Assert.Equal(new ModelOptions { Cell = CellKind.Gru, HiddenSize = 5, Layers = 2, EmbeddingSize = 5, TieWeights = true }, words);
        Assert.Equal(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 6, EmbeddingSize = 4, Activation = Activation.Relu, Biases = Biases.One }, bare);
        Assert.Equal(new ModelOptions { Cell = CellKind.Gru, HiddenSize = 9, EmbeddingSize = 6, AdaptiveSoftmax = 32 }, adaptive);
        Assert.Equal("module.encoder.weight", Import("words-tied-2-layers-f16").Tensors["embedding.weight"]);
        Assert.Equal("net.rnn.weight_hh_l0", Import("rnn-relu-bare-bf16").Tensors["rnn.weight_hh_l0"]);
        Assert.Equal(TokenKind.Word, Import("words-tied-2-layers-f16").Model.Vocabulary.Text.Tokens);
    }

    public static TheoryData<string> Shapes =>
    [
        """{"cell":"rnn","hidden":3,"layers":2,"activation":"relu"}""",
        """{"cell":"gru","hidden":3,"embedding":2}""",
        """{"cell":"gru","hidden":2,"resetGate":"before","biases":"one"}""",
        """{"cell":"lstm","hidden":4,"embedding":4,"tie":true,"biases":"one"}""",
        """{"cell":"lstm","hidden":4,"embedding":4}""",
        """{"cell":"cifg","hidden":3,"layers":3}""",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_file_of_Unroll_s_own_tensors_becomes_the_same_model(string shape)
    {
        ModelOptions options = Unroll.Options.OptionsReader.Read<ModelOptions>(shape, ModelOptions.Pass);
        LanguageModel model = TestModels.Create(options);
        using var folder = new TemporaryFolder();
        folder.Write("a.safetensors", ForgedFile.EditMetadata(new Checkpoint(model).Bytes(), metadata =>
        {
            foreach (string key in metadata.Select(entry => entry.Key).Where(key => key != "vocabulary").ToList())
                metadata.Remove(key);
        }));

        ImportedModel imported = ImportedModel.Read(folder["a.safetensors"], new ImportOptions
        {
            Cell = options.Cell,
            Activation = options.Cell == CellKind.Rnn ? options.Activation : null,
            ResetGate = options.Cell == CellKind.Gru ? options.ResetGate : null,
            Tokens = TokenKind.Character,
        });

        Assert.Equal(options, imported.Model.Options);
        Assert.Equal(model.Fingerprint(), imported.Model.Fingerprint());
        Assert.All(imported.Tensors, entry => Assert.Equal(entry.Key, entry.Value));
    }

    [Theory]
    [InlineData("[\"a\",\"b\"]", "<unk> a b")]
    [InlineData("{\"b\":1,\"a\":0}", "<unk> a b")]
    [InlineData("[\"a\",\"[UNK]\"]", "<unk> a")]
    [InlineData("\uFEFF[\"b\",\"<unk>\"]", "<unk> b")]
    public void A_vocabulary_is_an_array_or_an_object(string json, string tokens)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(tokens.Split(' '), Read(folder, json, Lstm).Model.Vocabulary.Tokens);
    }

    [Theory]
    [InlineData("[\"a\",\"b\",\"<pad>\"]", TokenKind.Character)]
    [InlineData("[\"a\",\"bc\",\"<pad>\"]", TokenKind.Word)]
    [InlineData("[\"<pad>\"]", TokenKind.Word)]
    public void What_tokens_are_is_seen_in_them(string json, TokenKind kind)
    {
        using var folder = new TemporaryFolder();
        int count = JsonNode.Parse(json)!.AsArray().Count;
        Assert.Equal(kind, Read(folder, json, [("lstm.weight_ih_l0", [4, count]), ("lstm.weight_hh_l0", [4, 1]), ("fc.weight", [count, 1]), ("fc.bias", [count])]).Model.Vocabulary.Text.Tokens);
    }

    [Theory]
    [InlineData("[\"a\",\"b\",\"c\"]", "its output layer is made for 2 tokens, and the vocabulary has 3")]
    [InlineData("[\"a\",\"a\"]", "tokens 1 and 2 are the same, \"a\"")]
    [InlineData("[\"a\",2]", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("[\"a\",null]", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("[\"a\",\"\\ud800\"]", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("[\"a\",", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("3", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("{\"a\":0,\"b\":2}", "of its 2 tokens \"b\" has the id 2, and ids go from 0 to 1 without a gap")]
    [InlineData("{\"a\":1,\"b\":1}", "\"a\" and \"b\" have the same id, 1")]
    [InlineData("{\"a\":0,\"a\":1}", "neither a JSON array of tokens nor a JSON object")]
    [InlineData("[]", "its vocabulary is empty", 0)]
    [InlineData("[\"##ing\",\"th\"]", "pieces of words, such as \"##ing\"")]
    [InlineData("[\"Ġthe\",\"a\"]", "pieces of words, such as \"Ġthe\"")]
    public void A_wrong_vocabulary_is_a_sentence(string json, string says, int rows = 2)
    {
        using var folder = new TemporaryFolder();
        UnrollException mistake = Assert.Throws<ModelFileException>(() =>
            Read(folder, json, [("lstm.weight_ih_l0", [4, rows]), ("lstm.weight_hh_l0", [4, 1]), ("fc.weight", [rows, 1]), ("fc.bias", [rows])]));
        Assert.Contains(says, mistake.Message);
        Assert.EndsWith(".", mistake.Message);
    }

    public static TheoryData<string, string> WrongTensors => new()
    {
        { "", "it has no recurrent layers of torch.nn; its tensors are none" },
        { "a.weight 2 1, a.bias 2", "it has no recurrent layers of torch.nn; its tensors are \"a.weight\" [2, 1], \"a.bias\" [2]; wanted are" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, b.weight_ih_l0 4 1, b.weight_hh_l0 4 1, c.weight 2 1", "it has 2 recurrent modules" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, a.weight_ih_l0_reverse 4 2, a.weight_hh_l0_reverse 4 1, c.weight 2 2", "reads texts from both ends" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, a.weight_hr_l0 1 1, c.weight 2 1", "has projections" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1", "it has no linear layer that makes logits" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, c.weight 2 1, c.bias 2, norm.weight 1, norm.bias 1", "\"norm\" is one more than is wanted" },
        { "a.weight_ih_l0 4 1, a.weight_hh_l0 4 1, c.weight 2 1, d.weight 2 1", "not clear which is which" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, c.weight 2 1, c.bias 2, scale 1", "\"scale\" is none of what is wanted" },
        { "a.weight_ih_l0 5 2, a.weight_hh_l0 5 2, c.weight 2 2, c.bias 2", "\"a.weight_ih_l0\" has 5 rows for 2 hidden units" },
        { "a.weight_ih_l0 4 0, a.weight_hh_l0 4 0, c.weight 2 0, c.bias 2", "has 4 rows for 0 hidden units" },
        { "a.weight_ih_l0 4 3, a.weight_hh_l0 4 1, c.weight 2 1, c.bias 2", "\"a.weight_ih_l0\" has the shape [4, 3], and an LSTM of 1 units with 2 tokens wants [4, 2]" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, a.weight_ih_l2 4 1, a.weight_hh_l2 4 1, c.weight 2 1", "the tensor that would be \"rnn.weight_ih_l1\" [4, 1] is missing" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, a.bias_ih_l0 4, c.weight 2 1", "the tensor that would be \"rnn.bias_hh_l0\" [4] is missing" },
        { "a.weight_ih_l0 4 2, c.weight 2 1, c.bias 2", "the tensor that would be \"rnn.weight_hh_l0\" is missing" },
        { "a.weight_ih_l0 4, a.weight_hh_l0 4 1, c.weight 2 1, c.bias 2", "\"a.weight_ih_l0\" has the shape [4]" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, c.bias 2", "the tensor that would be \"decoder.weight\" [2, 1] is missing" },
        { "a.weight_ih_l0 4 2, a.weight_hh_l0 4 1, e.weight 2 2, c.bias 2", "its linear layer has a bias and no weights" },
    };

    [Theory]
    [MemberData(nameof(WrongTensors))]
    public void Tensors_that_are_no_such_model_are_refused_in_a_sentence(string tensors, string says)
    {
        using var folder = new TemporaryFolder();
        (string, int[])[] shapes = [.. tensors.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(tensor => tensor.Split(' '))
            .Select(words => (words[0], words[1..].Select(int.Parse).ToArray()))];
        UnrollException mistake = Assert.Throws<ModelFileException>(() => Read(folder, "[\"a\",\"b\"]", shapes));
        Assert.Contains(says, mistake.Message);
        Assert.StartsWith("\"", mistake.Message);
        Assert.DoesNotContain('\n', mistake.Message);
    }

    [Fact]
    public void Options_that_contradict_the_tensors_are_refused()
    {
        using var folder = new TemporaryFolder();
        Check("Cell cifg does not go with the file, whose tensors are those of an LSTM.", new ImportOptions { Cell = CellKind.Cifg });
        Check("Activation relu does not go with the file, whose tensors are those of an LSTM.", new ImportOptions { Activation = Activation.Relu });
        Check("ResetGate before does not go with the file, whose tensors are those of an LSTM.", new ImportOptions { ResetGate = ResetGate.Before });

        void Check(string message, ImportOptions options) =>
            Assert.Equal(message, Assert.Throws<UnrollException>(() => Read(folder, "[\"a\",\"b\"]", Lstm, options)).Message);
    }

    [Theory]
    [InlineData("net.pt", "PK\u0003\u0004rest", "'import torch, safetensors.torch' and 'safetensors.torch.save_file({name: values.clone() for name, values in torch.load(\"net.pt\", map_location=\"cpu\").items()}, \"net.safetensors\")'")]
    [InlineData("net.pth", "\u0080\u0002", "no header")]
    [InlineData("net.t7", "4\n1\n3\nV 1\n", "is a file of Lua's Torch")]
    [InlineData("net.safetensors", "", "it is empty")]
    [InlineData("net.safetensors", "abc", "it has only 3 bytes")]
    public void Other_files_are_refused_with_what_to_do(string name, string content, string says)
    {
        using var folder = new TemporaryFolder();
        folder.Write(name, [.. content.Select(letter => (byte)letter)]);
        if (says == "no header")
            says = "it has only 2 bytes"; // too short to be a pickle
        Assert.Contains(says, Assert.Throws<ModelFileException>(() => ImportedModel.Read(folder[name])).Message);
    }

    [Fact]
    public void A_model_of_Unroll_s_needs_no_import()
    {
        using var folder = new TemporaryFolder();
        TestModels.Create(new ModelOptions { HiddenSize = 2 }).Save(folder["m.safetensors"]);
        Assert.Contains("is a model of Unroll already", Assert.Throws<ModelFileException>(() => ImportedModel.Read(folder["m.safetensors"])).Message);
    }

    private static (string, int[])[] Lstm => [("lstm.weight_ih_l0", [4, 2]), ("lstm.weight_hh_l0", [4, 1]), ("fc.weight", [2, 1]), ("fc.bias", [2])];

    private static ImportedModel Import(string name) => ImportedModel.Read(Path.Combine(Folder, name + ".safetensors"), new ImportOptions
    {
        Vocabulary = File.Exists(Path.Combine(Folder, name + ".json")) ? Path.Combine(Folder, name + ".json") : null,
        Activation = name.Contains("relu", StringComparison.Ordinal) ? Activation.Relu : null,
    });

    /// <summary>Imports zeros of these shapes.</summary>
    private static ImportedModel Read(TemporaryFolder folder, string vocabulary, (string Name, int[] Shape)[] tensors, ImportOptions? options = null)
    {
        var header = new JsonObject();
        int position = 0;
        foreach ((string name, int[] shape) in tensors)
        {
            int end = position + sizeof(float) * shape.Aggregate(1, (product, size) => product * size);
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(position, end),
            };
            position = end;
        }
        folder.Write("a.safetensors", ForgedFile.Make(header, new byte[position]));
        folder.Write("vocab.json", vocabulary);
        return ImportedModel.Read(folder["a.safetensors"], (options ?? new()) with { Vocabulary = folder["vocab.json"] });
    }

    private sealed record Predicted(string[] Tokens, double[] LogProbabilities, Dictionary<string, double> Last);
}
