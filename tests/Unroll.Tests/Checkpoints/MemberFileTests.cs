using System.Text.Json.Nodes;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Several networks in one file.</summary>
public class MemberFileTests
{
    private static readonly ModelOptions[] Shapes =
    [
        new() { Cell = CellKind.Gru, HiddenSize = 3, EmbeddingSize = 2 },
        new() { Cell = CellKind.Lstm, HiddenSize = 2, EmbeddingSize = 2, TieWeights = true, Biases = Biases.One },
        new() { Cell = CellKind.Rnn, HiddenSize = 4, Layers = 2 },
    ];

    private static readonly byte[] Whole = (TestModels.CreateCheckpoint() with { Model = Average(3) }).Bytes();

    public static TheoryData<string> DamageNames => [.. Damages.Keys];

    private static readonly Dictionary<string, (Func<byte[]> Forge, string Complaint)> Damages = new()
    {
        ["members that are no JSON"] = (() => Edit("[{"), "its metadata \"members\" is wrong: it is not valid JSON"),
        ["members that are no array"] = (() => Edit("{}"), "its metadata \"members\" is wrong: it is not an array"),
        ["a member that is no object"] = (() => Edit("[7,8]"), "its metadata \"members\" is wrong: it is not a JSON object"),
        ["a member of an unknown cell"] = (() => Edit("""[{"cell":"xlstm"},{}]"""), "it has no usable value for \"cell\""),
        ["a member that makes no sense"] = (() => Edit("""[{"hidden":0},{}]"""), "its options make no sense (HiddenSize must be"),
        ["a member too few"] = (() => ForgedFile.EditMetadata(Whole, "members", members => members.AsArray().RemoveAt(1)), "the tensor \"member.2.rnn.weight_ih_l0\" does not belong to such a model"),
        ["a member too many"] = (() => ForgedFile.EditMetadata(Whole, "members", members => members.AsArray().Add(new JsonObject())), "the tensor \"member.3.rnn.weight_ih_l0\" is missing"),
        ["no members but their tensors"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata.Remove("members")), "the tensor \"member.1.embedding.weight\" does not belong to such a model"),
        ["sixty-five networks"] = (() => Edit($"[{string.Join(',', Enumerable.Repeat("{}", 64))}]"), "it has 65 networks, and the most is 64"),
        ["a member of another size"] = (() => ForgedFile.EditMetadata(Whole, "members", members => members[1]!["hidden"] = 5), "the tensor \"member.2.rnn.weight_ih_l0\" has the shape [4, 16], but its options and vocabulary want [5, 16]"),
        ["NaN in a member"] = (() => ForgedFile.EditNumber(Whole, "member.2.decoder.bias", 3, float.NaN), "the tensor \"member.2.decoder.bias\" holds NaN or infinity"),
        ["a member's tied weights that differ"] = (() => ForgedFile.EditNumber(Whole, "member.1.decoder.weight", 3, 9), "the tensor \"member.1.decoder.weight\" must equal \"embedding.weight\""),
        ["a member's second bias that is not zero"] = (() => ForgedFile.EditNumber(Whole, "member.1.rnn.bias_hh_l0", 3, 9), "the tensor \"member.1.rnn.bias_hh_l0\" must be zero"),
    };

    [Fact]
    public void All_networks_come_back()
    {
        Checkpoint read = TestModels.Read(Whole);
        LanguageModel written = Average(3);
        Assert.Equal(Shapes, read.Model.Members.Select(member => member.Options));
        for (int i = 0; i < 3; i++)
        {
            Assert.True(written.Members[i].Parameters.Values.SequenceEqual(read.Model.Members[i].Parameters.Values));
            Assert.Same(read.Model.Vocabulary, read.Model.Members[i].Vocabulary);
        }
        Assert.NotNull(read.Training);
        Assert.Equal(Whole, read.Bytes());

        using var folder = new TemporaryFolder();
        CheckpointMetadata metadata = Checkpoint.ReadMetadata(folder.Write("model.safetensors", Whole));
        Assert.Equal(Shapes, metadata.Networks);
        Assert.Equal(Shapes[0], metadata.Options);
    }

    [Fact]
    public void A_file_of_one_network_says_nothing_of_members()
    {
        byte[] one = new Checkpoint(Average(1)).Bytes();
        JsonObject header = JsonNode.Parse(ForgedFile.Header(one))!.AsObject();
        Assert.Equal(["format", "version", "options", "text", "vocabulary"], header["__metadata__"]!.AsObject().Select(entry => entry.Key));
        Assert.Equal(
            ["embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "decoder.weight", "decoder.bias"],
            header.Select(entry => entry.Key).Skip(1));
        // The first network of several lies as if it were alone.
        JsonObject three = JsonNode.Parse(ForgedFile.Header(Whole))!.AsObject();
        Assert.Equal(header.Skip(1).Select(entry => entry.Value!.ToJsonString()), three.Skip(1).Take(7).Select(entry => entry.Value!.ToJsonString()));
        int length = 4 * (int)Average(1).Parameters.Count;
        Assert.Equal(ForgedFile.Data(one)[..length], ForgedFile.Data(Whole)[..length]);
    }

    [Theory]
    [MemberData(nameof(DamageNames))]
    public void What_is_wrong_is_told_in_a_sentence(string damage)
    {
        (Func<byte[]> forge, string complaint) = Damages[damage];
        Assert.Contains(complaint, Assert.Throws<ModelFileException>(() => TestModels.Read(forge())).Message);
    }

    [Fact]
    public void A_state_of_several_networks_comes_back()
    {
        LanguageModel model = Average(3);
        var state = new RecurrentState(model, batch: 2);
        float number = 0;
        foreach ((_, float[] values) in state.Members.SelectMany(member => member.Arrays))
            foreach (ref float value in values.AsSpan())
                value = number += 0.5f;
        using var folder = new TemporaryFolder();
        state.Save(folder["state"]);

        RecurrentState read = RecurrentState.Load(folder["state"], model);
        Assert.Equal(
            state.Members.SelectMany(member => member.Arrays).SelectMany(array => array.Values),
            read.Members.SelectMany(member => member.Arrays).SelectMany(array => array.Values));
        Assert.Equal(["hidden_l0", "member.1.hidden_l0", "member.1.cell_l0", "member.2.hidden_l0", "member.2.hidden_l1"],
            JsonNode.Parse(ForgedFile.Header(File.ReadAllBytes(folder["state"])))!.AsObject().Select(entry => entry.Key).Skip(1));

        foreach (LanguageModel other in (LanguageModel[])[Average(1), Average(2), LanguageModel.Average(Network(0), Network(2), Network(1))])
            Assert.Contains("another shape", Assert.Throws<ModelFileException>(() => RecurrentState.Load(folder["state"], other)).Message);
        Assert.Contains("another shape", Assert.Throws<ModelFileException>(() => RecurrentState.Load(folder["state"], Shapes[0])).Message);
        new RecurrentState(Shapes[0], 2).Save(folder["one"]);
        Assert.Contains("another shape", Assert.Throws<ModelFileException>(() => RecurrentState.Load(folder["one"], model)).Message);
    }

    private static LanguageModel Average(int count) => LanguageModel.Average([.. Enumerable.Range(0, count).Select(Network)]);

    private static LanguageModel Network(int shape) => TestModels.Create(Shapes[shape], seed: (ulong)shape);

    private static byte[] Edit(string members) => ForgedFile.EditMetadata(Whole, metadata => metadata["members"] = members);
}
