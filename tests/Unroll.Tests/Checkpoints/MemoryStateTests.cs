using System.Text.Json.Nodes;
using Unroll.Counts;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>The state of a model with a memory of counts in a file: what was read goes with what the networks carry.</summary>
public class MemoryStateTests
{
    private const string Read = "read_tokens";

    private static readonly int[] Text = [.. Enumerable.Range(0, 100).Select(i => i * i % 7)];

    public static TheoryData<float> NoTokens => [-1, -7, 0.5f, 16, 1e9f, float.MaxValue, float.MinValue, float.Epsilon];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_comes_back_and_goes_on_to_the_bit(int networks)
    {
        LanguageModel model = Model(networks);
        RecurrentState state = Behind(model);
        float[] expected = Predict(model, state);
        byte[] bytes = Bytes(state);
        RecurrentState read = RecurrentState.Load(new MemoryStream(bytes), model);
        Assert.Equal(CountMemory.History, read.ReadReach);
        Assert.Equal(expected, Predict(model, read));
        Assert.Equal(expected, Predict(model, read.Clone()));
        Assert.Equal(bytes, Bytes(read));
        using var folder = new TemporaryFolder();
        state.Save(folder["state"]);
        Assert.Equal(bytes, File.ReadAllBytes(folder["state"]));
        Assert.Equal(expected, Predict(model, RecurrentState.Load(folder["state"], model)));

        // As who has never stopped.
        using Predictor predictor = Predictor.For(model, new EngineOptions { Rows = 1, Steps = Text.Length, Threads = 1 });
        predictor.Feed(1, Text);
        Assert.Equal(Logits(predictor.Predict(1), predictor), expected[TestModels.Tokens.Length..(2 * TestModels.Tokens.Length)]);
        Assert.Equal(Logits(predictor.Step(Text.AsSpan(1, 1)), predictor), expected[(3 * TestModels.Tokens.Length)..]);
    }

    [Fact]
    public void What_was_read_is_an_array_of_rows_the_latest_last()
    {
        LanguageModel model = Model(1);
        JsonNode tensor = JsonNode.Parse(ForgedFile.Header(Bytes(Behind(model))))![Read]!;
        Assert.Equal([2, CountMemory.History], tensor["shape"]!.AsArray().Select(size => size!.GetValue<int>()));
        float[] values = Assert.Single(Behind(model).ReadArrays).Values;
        Assert.Equal([.. Enumerable.Repeat(-1f, CountMemory.History - 3), .. Text[..3].Select(token => (float)token)], values[..CountMemory.History]);
        Assert.Equal(Text[^CountMemory.History..].Select(token => (float)token), values[CountMemory.History..]);
    }

    [Fact]
    public void Models_with_a_memory_and_without_do_not_take_each_other_s()
    {
        LanguageModel model = Model(2), without = model.WithoutMemory();
        Assert.Contains("another shape", Message(Bytes(Behind(model)), without));
        Assert.Contains("another shape", Message(Bytes(new RecurrentState(without, 2)), model));
        LanguageModel one = Model(1);
        Assert.Contains("another shape", Assert.Throws<ModelFileException>(() => RecurrentState.Load(new MemoryStream(Bytes(Behind(one))), one.Options)).Message);
    }

    [Theory]
    [MemberData(nameof(NoTokens))]
    public void Numbers_that_are_no_tokens_are_as_if_nothing_had_been_read_there(float number)
    {
        LanguageModel model = Model(1);
        RecurrentState state = Behind(model);
        byte[] forged = Bytes(state);
        for (int i = 0; i < CountMemory.History; i++)
            forged = ForgedFile.EditNumber(forged, Read, i, number);
        state.SetRead(0, []);
        Assert.Equal(Predict(model, state), Predict(model, RecurrentState.Load(new MemoryStream(forged), model)));
    }

    [Fact]
    public void Damage_is_told_in_a_sentence()
    {
        LanguageModel model = Model(1);
        byte[] bytes = Bytes(Behind(model));
        foreach (float number in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            Assert.Contains("holds NaN or infinity", Message(ForgedFile.EditNumber(bytes, Read, 7, number), model));
        Assert.Contains("another shape", Message(ForgedFile.EditHeader(bytes, header => header[Read]!["shape"] = new JsonArray(CountMemory.History, 2)), model));
        Assert.Contains("another shape", Message(ForgedFile.EditHeader(bytes, header => header[Read]!["dtype"] = "I32"), model));
        Assert.Contains("another shape", Message(ForgedFile.EditHeader(bytes, Rename), model));

        static void Rename(JsonObject header)
        {
            JsonNode tensor = header[Read]!.DeepClone();
            header.Remove(Read);
            header["red_tokens"] = tensor;
        }
    }

    [Fact]
    public void Whatever_the_bytes_the_answer_is_a_state_that_can_be_used_or_a_sentence()
    {
        LanguageModel model = Model(1);
        byte[] whole = Bytes(Behind(model));
        using Predictor predictor = Predictor.For(model, new EngineOptions { Rows = 2, Steps = 1, Threads = 1 });
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] bytes = [.. whole];
            bytes[i] ^= (byte)(1 << (i % 8));
            Exception? mistake = Record.Exception(() =>
            {
                RecurrentState state = RecurrentState.Load(new MemoryStream(bytes), model);
                predictor.SetState(state);
                predictor.Step(Text.AsSpan(0, 2));
            });
            Assert.True(mistake is null or ModelFileException, mistake?.ToString());
        }
    }

    private static LanguageModel Model(int networks)
    {
        LanguageModel model = LanguageModel.Average([.. Enumerable.Range(0, networks).Select(i =>
            TestModels.Create(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 3 + i, OutputNgrams = 2 - 2 * i }, seed: 1 + (ulong)i))]);
        model.Memory = CountMemory.Count(Text, model.Vocabulary);
        return model;
    }

    // One row behind three tokens, one behind more than are looked back on.
    private static RecurrentState Behind(LanguageModel model)
    {
        var state = new RecurrentState(model, batch: 2);
        using Predictor predictor = Predictor.For(model, new EngineOptions { Rows = 1, Steps = Text.Length, Threads = 1 });
        predictor.Feed(1, Text.AsSpan(0, 3));
        predictor.GetState(0, state, stateRow: 0);
        predictor.ResetState();
        predictor.Feed(1, Text);
        predictor.GetState(0, state, stateRow: 1);
        return state;
    }

    private static float[] Predict(LanguageModel model, RecurrentState state)
    {
        using Predictor predictor = Predictor.For(model, new EngineOptions { Rows = 2, Steps = 1, Threads = 1 });
        predictor.SetState(state);
        float[] now = Logits(predictor.Predict(2), predictor);
        return [.. now, .. Logits(predictor.Step(Text.AsSpan(0, 2)), predictor)];
    }

    // [b, V] without what lies between the rows.
    private static float[] Logits(ReadOnlySpan<float> logits, Predictor predictor)
    {
        var rows = new List<float>();
        for (int start = 0; start < logits.Length; start += predictor.LogitsStride)
            rows.AddRange(logits.Slice(start, TestModels.Tokens.Length));
        return [.. rows];
    }

    private static byte[] Bytes(RecurrentState state)
    {
        using var stream = new MemoryStream();
        state.Save(stream);
        return stream.ToArray();
    }

    private static string Message(byte[] bytes, LanguageModel model) =>
        Assert.Throws<ModelFileException>(() => RecurrentState.Load(new MemoryStream(bytes), model)).Message;
}
