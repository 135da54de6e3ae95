using System.Text.Json.Nodes;
using Unroll.Counts;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>A memory of counts in a model's file.</summary>
public class MemoryFileTests
{
    private static readonly byte[] Whole = WithMemory().Bytes();

    public static TheoryData<string> DamageNames => [.. Damages.Keys];

    private static readonly Dictionary<string, (Func<byte[]> Forge, string Complaint)> Damages = new()
    {
        ["a tensor too few"] = (() => ForgedFile.EditHeader(Whole, header => Rename(header, "memory.weights", "memory.wheights")), "the tensor \"memory.wheights\" does not belong to such a model"),
        ["a matrix"] = (() => Edit("tokens", tensor => tensor["shape"] = new JsonArray(1, 60)), "the tensor \"memory.tokens\" is not a vector, or is too long"),
        ["tokens of two bytes"] = (() => Edit("tokens", tensor => (tensor["dtype"], tensor["shape"]) = ("U16", new JsonArray(30))), "memory of counts is damaged: its tokens are numbers of another size than 16 different ones want"),
        ["tokens of half bytes"] = (() => Edit("tokens", tensor => (tensor["dtype"], tensor["shape"]) = ("F16", new JsonArray(30))), "the tensor \"memory.tokens\" has the dtype \"F16\", as no memory's has"),
        ["weights that are whole"] = (() => Edit("weights", tensor => tensor["dtype"] = "I32"), "its weights are not floats"),
        ["NaN"] = (() => ForgedFile.EditNumber(Whole, "memory.weights", 3, float.NaN), "of its weights one is NaN"),
        ["a mixture beyond all measure"] = (() => ForgedFile.EditNumber(Whole, "memory.mixture", 3, 1e9f), "its mixture"),
        ["a token that is none"] = (LastToken, "its text has the token 16, but the vocabulary only 16"),
        ["a parameter of bytes"] = (() => ForgedFile.EditHeader(Whole, header => (header["decoder.weight"]!["dtype"], header["decoder.weight"]!["shape"]) = ("U8", new JsonArray(192))), "the tensor \"decoder.weight\" has whole numbers"),
    };

    [Fact]
    public void It_comes_back()
    {
        CountMemory expected = WithMemory().Model.Memory!, read = TestModels.Read(Whole).Model.Memory!;
        Assert.Equal(expected.Tokens, read.Tokens);
        Assert.Equal(expected.Weights.Values, read.Weights.Values);
        Assert.Equal(expected.Weights.Squares, read.Weights.Squares);
        Assert.Equal(expected.Mixture, read.Mixture);
        Assert.Equal(Whole, TestModels.Read(Whole).Bytes());
    }

    [Fact]
    public void A_model_without_one_has_none() => Assert.Null(TestModels.Read(TestModels.CreateCheckpoint().Bytes()).Model.Memory);

    [Fact]
    public void Floats_begin_at_multiples_of_four()
    {
        foreach ((string name, JsonNode? tensor) in JsonNode.Parse(ForgedFile.Header(Whole))!.AsObject())
        {
            if (name != "__metadata__" && tensor!["dtype"]!.GetValue<string>() == "F32")
                Assert.Equal(0, tensor["data_offsets"]![0]!.GetValue<long>() % 4);
        }
    }

    [Theory]
    [MemberData(nameof(DamageNames))]
    public void Damage_is_told(string name)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => TestModels.Read(Damages[name].Forge()));
        Assert.Contains(Damages[name].Complaint, error.Message, StringComparison.Ordinal);
    }

    private static Checkpoint WithMemory()
    {
        Checkpoint checkpoint = TestModels.CreateCheckpoint();
        Vocabulary vocabulary = checkpoint.Model.Vocabulary;
        float[] mixture = [.. Enumerable.Range(0, CountBlend.Length).Select(i => i / 8f)];
        checkpoint.Model.Memory = CountMemory.Count([.. Enumerable.Range(0, 60).Select(i => i * i % 7)], vocabulary).With(new CountBlend(vocabulary.Count, mixture));
        return checkpoint;
    }

    private static byte[] Edit(string tensor, Action<JsonNode> edit) => ForgedFile.EditHeader(Whole, header => edit(header["memory." + tensor]!));

    private static byte[] LastToken()
    {
        byte[] copy = (byte[])Whole.Clone();
        copy[^1] = 16;
        return copy;
    }

    private static void Rename(JsonObject header, string from, string to)
    {
        JsonNode tensor = header[from]!.DeepClone();
        header.Remove(from);
        header[to] = tensor;
    }
}
