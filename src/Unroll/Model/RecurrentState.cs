using Unroll.Counts;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll;

/// <summary>What a model remembers between tokens: per layer a hidden vector, and for an LSTM or a CIFG a memory cell, for each
/// row of a batch; of a model of several networks, the states of all. It belongs to the caller: clone it to branch a conversation,
/// save it to go on later.</summary>
public sealed class RecurrentState
{
    private readonly CellShape shape;
    private readonly float[][][] states; // [state][layer][B·H]
    private readonly float[] read; // [B, read reach], the latest last, −1 before the first: what a memory of counts looks back on
    private readonly float[] lastTokens; // [B, reach], the latest first; −1 for none; floats, so that files need no second kind

    /// <summary>A zero state.</summary>
    /// <param name="model">The model whose state it is.</param>
    /// <param name="batch">Rows, B.</param>
    public RecurrentState(LanguageModel model, int batch = 1) : this(NetworksOf(model), batch, model.Memory is null ? 0 : CountMemory.History)
    {
    }

    /// <summary>A zero state of one network.</summary>
    /// <param name="options">The shape of the model whose state it is.</param>
    /// <param name="batch">Rows, B.</param>
    public RecurrentState(ModelOptions options, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (Batch, HiddenSize, CellName, shape) = (batch, options.HiddenSize, options.Cell.ToString().ToLowerInvariant(), Cells.ShapeOf(options));
        int length = checked(batch * options.HiddenSize);
        states = [.. shape.States.Select(_ => Enumerable.Range(0, options.Layers).Select(_ => new float[length]).ToArray())];
        read = [];
        lastTokens = new float[batch * options.NgramOrder];
        Array.Fill(lastTokens, NgramContexts.None);
        Members = [this];
    }

    internal RecurrentState(IReadOnlyList<ModelOptions> networks, int batch, int readReach)
        : this([.. networks.Select(options => new RecurrentState(options, batch))], new float[batch * readReach])
    {
        Array.Fill(read, NgramContexts.None);
    }

    // A network's own arrays are the first network's.
    private RecurrentState(RecurrentState[] members, float[] read)
    {
        RecurrentState first = members[0];
        (Batch, HiddenSize, CellName, shape, states, lastTokens) = (first.Batch, first.HiddenSize, first.CellName, first.shape, first.states, first.lastTokens);
        this.read = read;
        Members = members.Length == 1 ? [this] : members;
    }

    private RecurrentState(RecurrentState other)
    {
        (Batch, HiddenSize, CellName, shape, lastTokens) = (other.Batch, other.HiddenSize, other.CellName, other.shape, [.. other.lastTokens]);
        states = [.. other.states.Select(state => state.Select(layer => (float[])layer.Clone()).ToArray())];
        read = [.. other.read];
        Members = [this];
    }

    /// <summary>Rows, B.</summary>
    public int Batch { get; }

    /// <summary>The states of the model's networks in their order; of one network this state alone.</summary>
    public IReadOnlyList<RecurrentState> Members { get; }

    /// <summary>Hidden units per layer, H; like all that follows, of the first network.</summary>
    public int HiddenSize { get; }

    /// <summary>Layers, L.</summary>
    public int Layers => states[0].Length;

    /// <summary>Whether there are memory cells beside the hidden vectors (LSTM, CIFG).</summary>
    public bool HasCell => Kinds > 1;

    /// <summary>The cell whose state it is, as files name it.</summary>
    internal string CellName { get; }

    /// <summary>How many vectors a layer carries for each row.</summary>
    internal int Kinds => states.Length;

    /// <summary>All that the network carries: by name, such as <c>hidden_l0</c>, an array [B, H]; last, where there are any, its last tokens.</summary>
    internal IEnumerable<(string Name, float[] Values)> Arrays =>
    [
        .. states.SelectMany((layers, state) => layers.Select((values, layer) => ($"{shape.States[state]}_l{layer}", values))),
        .. lastTokens.Length > 0 ? [("last_tokens", lastTokens)] : Array.Empty<(string, float[])>(),
    ];

    /// <summary>A layer's hidden vectors, [B, H] row-major.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public Span<float> Hidden(int layer) => states[0][layer];

    /// <summary>A layer's memory cells, [B, H] row-major; LSTM and CIFG only.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public Span<float> Cell(int layer) => states[1][layer];

    /// <summary>A copy that shares nothing with this one.</summary>
    public RecurrentState Clone() => Members.Count == 1 ? new(this) : new([.. Members.Select(member => new RecurrentState(member))], [.. read]);

    /// <summary>Sets every number to zero: the state before any token.</summary>
    public void Clear()
    {
        foreach ((_, float[] values) in Members.SelectMany(member => member.Arrays))
            values.AsSpan().Clear();
        foreach (RecurrentState member in Members)
            Array.Fill(member.lastTokens, NgramContexts.None);
        Array.Fill(read, NgramContexts.None);
    }

    /// <summary>How many of the last tokens are part of the state: as many as the longest n-gram of the network's tables.</summary>
    internal int Reach => lastTokens.Length / Batch;

    /// <summary>The last tokens of a row, the latest first; −1 where there was none.</summary>
    internal Span<float> LastTokens(int row) => lastTokens.AsSpan(row * Reach, Reach);

    /// <summary>How many tokens the model's memory of counts looks back on; 0 for a model without one.</summary>
    internal int ReadReach => read.Length / Batch;

    /// <summary>What a memory looks back on, beside what the networks carry: none or one array [B, reach].</summary>
    internal IEnumerable<(string Name, float[] Values)> ReadArrays => read.Length > 0 ? [("read_tokens", read)] : [];

    /// <summary>Notes what a row has read last.</summary>
    internal void SetRead(int row, ReadOnlySpan<int> tokens)
    {
        Span<float> mine = read.AsSpan(row * ReadReach, ReadReach);
        mine.Fill(NgramContexts.None);
        for (int i = 0; i < tokens.Length; i++)
            mine[mine.Length - tokens.Length + i] = tokens[i];
    }

    /// <summary>What a row has read last. A state may come from a file, whose numbers may be any.</summary>
    /// <returns>How many tokens.</returns>
    internal int GetRead(int row, Span<int> tokens, int vocabularySize)
    {
        int count = 0;
        foreach (float token in read.AsSpan(row * ReadReach, ReadReach))
            if (token >= 0 && token < vocabularySize && token == (int)token)
                tokens[count++] = (int)token;
        return count;
    }

    /// <summary>Whether a model that goes on from the one goes on from the other.</summary>
    internal bool HasShapeOf(RecurrentState other) => ReadReach == other.ReadReach && Members.Count == other.Members.Count
        && Members.Zip(other.Members).All(pair => pair.First.Layers == pair.Second.Layers && pair.First.HiddenSize == pair.Second.HiddenSize
            && pair.First.Kinds == pair.Second.Kinds && pair.First.Reach == pair.Second.Reach);

    /// <summary>Takes over another's numbers, which has the same shape.</summary>
    internal void CopyFrom(RecurrentState other)
    {
        foreach ((RecurrentState mine, RecurrentState theirs) in Members.Zip(other.Members))
            foreach (((_, float[] to), (_, float[] from)) in mine.Arrays.Zip(theirs.Arrays))
                from.CopyTo(to, 0);
        other.read.CopyTo(read, 0);
    }

    /// <summary>Bytes of its numbers.</summary>
    internal long Bytes => sizeof(float) * (Members.Sum(member => member.Arrays.Sum(array => (long)array.Values.Length)) + read.Length);

    internal static ArgumentException OfAnotherShape(string parameter) => new("The state belongs to a model of another shape.", parameter);

    internal Span<float> Row(int state, int layer, int row) => states[state][layer].AsSpan(row * HiddenSize, HiddenSize);

    private static ModelOptions[] NetworksOf(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.Members.Select(member => member.Options)];
    }
}
