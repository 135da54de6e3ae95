using Unroll.Counts;
using Xunit;

namespace Unroll.Tests.Counts;

/// <summary>A memory becomes arrays and is the same again; arrays that are no memory are refused in a sentence.</summary>
public class CountTensorsTests
{
    private static readonly (int[] Ids, Vocabulary Vocabulary) Text = CountMemoryTests.Read("the cat sat on the mat, and the rat sat on the cat", TokenKind.Character);

    private static readonly CountMemory Memory = CountMemory.Count(Text.Ids, Text.Vocabulary);

    public static TheoryData<string> DamageNames => [.. Damages.Keys];

    private static readonly Dictionary<string, (Action<Dictionary<string, Array>> Damage, string Complaint)> Damages = new()
    {
        ["no tokens"] = (arrays => arrays.Remove("tokens"), "it has no tokens"),
        ["no weights"] = (arrays => arrays.Remove("weights"), "it has no weights"),
        ["tokens of another size"] = (arrays => arrays["tokens"] = new ushort[3], $"its tokens are numbers of another size than {Text.Vocabulary.Count} different ones want"),
        ["tokens that are floats"] = (arrays => arrays["tokens"] = new float[3], "its tokens are numbers of another size"),
        ["a token that is none"] = (arrays => arrays["tokens"] = new byte[] { 1, 2, 99 }, "its text has the token 99, but the vocabulary only"),
        ["weights that are bytes"] = (arrays => arrays["weights"] = new byte[3], "its weights are not floats"),
        ["a weight too few"] = (arrays => arrays["weights"] = ((float[])arrays["weights"])[1..], "weights and"),
        ["a square too many"] = (arrays => arrays["squares"] = (float[])[.. (float[])arrays["squares"], 0], "squares, but its text wants"),
        ["no number"] = (arrays => ((float[])arrays["weights"])[7] = float.NaN, "of its weights one is NaN"),
        ["a huge weight"] = (arrays => ((float[])arrays["weights"])[7] = 1e30f, "of its weights one is 1E+30"),
        ["no mixture"] = (arrays => arrays.Remove("mixture"), "it has no mixture"),
        ["a mixture of another length"] = (arrays => arrays["mixture"] = new float[3], "it has 3 weights for a mixture instead of"),
        ["a mixture too large"] = (arrays => ((float[])arrays["mixture"])[1] = 99, "a weight of its mixture is too large"),
        ["a negative square"] = (arrays => ((float[])arrays["squares"])[7] = -1, "of its squares one is -1"),
    };

    [Fact]
    public void It_comes_back()
    {
        float[] mixture = [.. Enumerable.Range(0, CountBlend.Length).Select(i => i / 8f)];
        IReadOnlyDictionary<string, Array> kept = CountTensors.Of(Memory.With(new CountBlend(Text.Vocabulary.Count, mixture)));
        Assert.Equal(CountTensors.Names.Order(), kept.Keys.Order());
        CountMemory read = CountTensors.Read(kept, Text.Vocabulary);
        Assert.Equal(mixture, read.Mixture);
        foreach (bool adapt in new[] { false, true })
        {
            CountReader expected = Memory.NewReader(adapt), actual = read.NewReader(adapt);
            foreach (int id in Text.Ids.Reverse())
            {
                Assert.Equal(CountMemoryTests.LogProbabilities(expected, Text.Vocabulary), CountMemoryTests.LogProbabilities(actual, Text.Vocabulary));
                expected.Feed(id);
                actual.Feed(id);
            }
        }
    }

    [Theory]
    [InlineData(256, typeof(byte[]))]
    [InlineData(257, typeof(ushort[]))]
    [InlineData(65537, typeof(int[]))]
    public void Tokens_take_as_many_bytes_as_the_vocabulary_wants(int size, Type type)
    {
        var vocabulary = new Vocabulary(["<unk>", .. Enumerable.Range(1, size - 1).Select(i => $"w{i}")], new TextOptions { Tokens = TokenKind.Word });
        int[] ids = [0, size - 1, 1, size - 1];
        IReadOnlyDictionary<string, Array> arrays = CountTensors.Of(CountMemory.Count(ids, vocabulary));
        Assert.IsType(type, arrays["tokens"]);
        Assert.Equal(ids, CountTensors.Read(arrays, vocabulary).Tokens);
    }

    [Theory]
    [MemberData(nameof(DamageNames))]
    public void Damage_is_told(string name)
    {
        Dictionary<string, Array> arrays = Copy();
        Damages[name].Damage(arrays);
        UnrollException error = Assert.Throws<UnrollException>(() => CountTensors.Read(arrays, Text.Vocabulary));
        Assert.StartsWith("The model's memory of counts is damaged: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Damages[name].Complaint, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_tokens_and_weights_make_finite_probabilities()
    {
        Dictionary<string, Array> arrays = Copy();
        float[] weights = (float[])arrays["weights"];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = i % 3 == 0 ? 1000 : -1000;
        CountReader reader = CountTensors.Read(arrays, Text.Vocabulary).NewReader(adapt: true);
        foreach (int id in Text.Ids)
        {
            Assert.All(CountMemoryTests.LogProbabilities(reader, Text.Vocabulary), log => Assert.True(float.IsFinite(log)));
            reader.Feed(id);
        }
    }

    private static Dictionary<string, Array> Copy() => CountTensors.Of(Memory).ToDictionary(pair => pair.Key, pair => (Array)pair.Value.Clone());
}
