using System.Text;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Recurrent states in files and streams.</summary>
public class StateFileTests
{
    private static readonly ModelOptions Options = new() { Cell = CellKind.Lstm, HiddenSize = 5, Layers = 2 };

    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Cifg)]
    public void AStateComesBackAsItWas(CellKind cell)
    {
        ModelOptions options = Options with { Cell = cell };
        RecurrentState state = Filled(options);
        RecurrentState read = RecurrentState.Load(new MemoryStream(Bytes(state)), options);
        Assert.Equal(state.Arrays.Select(array => array.Name), read.Arrays.Select(array => array.Name));
        Assert.Equal(state.Arrays.SelectMany(array => array.Values), read.Arrays.SelectMany(array => array.Values));
        Assert.Equal(3, read.Batch);

        using var folder = new TemporaryFolder();
        state.Save(folder["state"]);
        Assert.Equal(Bytes(state), File.ReadAllBytes(folder["state"]));
        Assert.Equal(Bytes(state), Bytes(RecurrentState.Load(folder["state"], options)));
    }

    [Fact]
    public void AnotherModelsStateIsRefused()
    {
        byte[] bytes = Bytes(Filled(Options));
        foreach (ModelOptions other in (ModelOptions[])[Options with { HiddenSize = 6 }, Options with { HiddenSize = 1 << 16 },
            Options with { Layers = 1 }, Options with { Layers = 3 }, Options with { Cell = CellKind.Gru }])
            Assert.Equal("The stream is not a usable file of a recurrent state: it is the state of a model of another shape.", Message(bytes, other));
        // A GRU's and an RNN's state look alike.
        Assert.Contains("another shape", Message(Bytes(Filled(Options with { Cell = CellKind.Gru })), Options with { Cell = CellKind.Rnn }));
    }

    [Fact]
    public void DamageIsToldInASentence()
    {
        byte[] bytes = Bytes(Filled(Options));
        Assert.Contains("it is empty", Message([], Options));
        Assert.Contains("has only 3 bytes", Message(bytes[..3], Options));
        Assert.Contains("a copy cut short?", Message(bytes[..^1], Options));
        Assert.Contains("it holds something else", Message(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("unroll_state", "unroll_stage")), Options));
        Assert.Contains("a later version", Message(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("\"unroll_state\":\"1\"", "\"unroll_state\":\"2\"")), Options));
        byte[] infinite = [.. bytes[..^4], .. BitConverter.GetBytes(float.PositiveInfinity)];
        Assert.Contains("holds NaN or infinity", Message(infinite, Options));
        Assert.Contains("does not exist", Assert.Throws<ModelFileException>(() => RecurrentState.Load("no-such-file", Options)).Message);
        Assert.Contains("holds something else", Message(new Checkpoint(TestModels.Create(Options)).Bytes(), Options));
    }

    [Fact]
    public void WhateverTheBytesTheAnswerIsAStateOrASentence()
    {
        byte[] whole = Bytes(Filled(Options));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] bytes = [.. whole];
            bytes[i] ^= (byte)(1 << (i % 8));
            Exception? mistake = Record.Exception(() => RecurrentState.Load(new MemoryStream(bytes), Options));
            Assert.True(mistake is null or ModelFileException, mistake?.ToString());
        }
    }

    [Fact]
    public void AStateThatIsNoNumberIsNotWritten()
    {
        RecurrentState state = Filled(Options);
        state.Cell(1)[3] = float.NaN;
        using var stream = new MemoryStream();
        Assert.Contains("was not written", Assert.Throws<UnrollException>(() => state.Save(stream)).Message);
        Assert.Equal(0, stream.Length);
    }

    private static RecurrentState Filled(ModelOptions options)
    {
        var state = new RecurrentState(options, batch: 3);
        int number = 0;
        foreach ((_, float[] values) in state.Arrays)
            foreach (ref float value in values.AsSpan())
                value = 0.5f + number++;
        return state;
    }

    private static byte[] Bytes(RecurrentState state)
    {
        using var stream = new MemoryStream();
        state.Save(stream);
        return stream.ToArray();
    }

    private static string Message(byte[] bytes, ModelOptions options) =>
        Assert.Throws<ModelFileException>(() => RecurrentState.Load(new MemoryStream(bytes), options)).Message;
}
