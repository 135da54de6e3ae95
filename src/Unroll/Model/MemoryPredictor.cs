using Unroll.Counts;

namespace Unroll.Model;

/// <summary>Predicts by networks and a memory of counts together.</summary>
internal sealed class MemoryPredictor : Predictor
{
    private readonly Predictor networks;
    private readonly MemoryExpert expert;
    private readonly CountReader[] readers; // of every row
    private readonly int[][] read; // of every row its last tokens, the latest last
    private readonly int[] lengths; // how many
    private readonly int vocabularySize;
    private readonly float[] room;
    private readonly float[] said; // [V] by the memory
    private float[] distributions = []; // [t, b, V]

    /// <param name="networks">The networks' predictor; disposed of with this one.</param>
    /// <param name="expert">The memory.</param>
    /// <param name="options">What it is for.</param>
    public MemoryPredictor(Predictor networks, MemoryExpert expert, EngineOptions options) : base(options)
    {
        (this.networks, this.expert, vocabularySize) = (networks, expert, expert.Memory.VocabularySize);
        readers = [.. Enumerable.Range(0, options.Rows).Select(_ => expert.Memory.NewReader(options.ReadsAlong))];
        read = [.. readers.Select(_ => new int[CountMemory.History])];
        lengths = new int[options.Rows];
        (room, said) = (MemoryExpert.Room(vocabularySize), new float[vocabularySize]);
    }

    /// <inheritdoc/>
    public override bool IsDisposed => networks.IsDisposed;

    /// <inheritdoc/>
    public override int LogitsStride => vocabularySize;

    /// <inheritdoc/>
    public override void Evaluate(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        Memory<float> all = Room(inputs.Length);
        Distributions(rows, inputs, targets, all);
        for (int i = 0; i < inputs.Length; i++)
            losses[i] = -all.Span[i * vocabularySize + targets[i]];
    }

    /// <inheritdoc/>
    public override void Distributions(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Memory<float> logProbabilities)
    {
        networks.Distributions(rows, inputs, targets, logProbabilities);
        for (int i = 0; i < inputs.Length; i++)
        {
            Read(i % rows, inputs[i]);
            Combine(i % rows, logProbabilities.Span.Slice(i * vocabularySize, vocabularySize));
        }
    }

    /// <inheritdoc/>
    public override void Feed(int rows, ReadOnlySpan<int> inputs)
    {
        networks.Feed(rows, inputs);
        for (int i = 0; i < inputs.Length; i++)
            Read(i % rows, inputs[i]);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        ReadOnlySpan<float> logits = networks.Step(inputs);
        for (int row = 0; row < inputs.Length; row++)
            Read(row, inputs[row]);
        return Combine(logits, inputs.Length);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Predict(int rows) => Combine(networks.Predict(rows), rows);

    /// <inheritdoc/>
    public override void Predict(Span<float> logProbabilities) => Predict(rows: 1).CopyTo(logProbabilities);

    /// <inheritdoc/>
    public override void ResetState(int row)
    {
        networks.ResetState(row);
        readers[row].Reset();
        lengths[row] = 0;
    }

    /// <inheritdoc/>
    public override void GetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        networks.GetState(row, state, stateRow);
        state.SetRead(stateRow, read[row].AsSpan(0, lengths[row]));
    }

    /// <inheritdoc/>
    public override void SetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        networks.SetState(row, state, stateRow);
        lengths[row] = state.GetRead(stateRow, read[row], vocabularySize);
        readers[row].SetContext(read[row].AsSpan(0, lengths[row]));
    }

    /// <inheritdoc/>
    public override void Check(RecurrentState state)
    {
        networks.Check(state);
        if (state.ReadReach != CountMemory.History)
            throw RecurrentState.OfAnotherShape(nameof(state));
    }

    /// <inheritdoc/>
    public override void ParametersChanged() => networks.ParametersChanged();

    /// <inheritdoc/>
    public override void Dispose() => networks.Dispose();

    // Where it reads along, a token is learnt from when it is read: after it was predicted.
    private void Read(int row, int token)
    {
        readers[row].Feed(token);
        int[] mine = read[row];
        if (lengths[row] == mine.Length)
        {
            mine.AsSpan(1).CopyTo(mine);
            lengths[row]--;
        }
        mine[lengths[row]++] = token;
    }

    private void Combine(int row, Span<float> logProbabilities)
    {
        readers[row].LogProbabilities(said);
        expert.Combine(logProbabilities, said, readers[row].Confidence, room);
    }

    // A mixture's logits are log probabilities already; a network's become them first.
    private ReadOnlySpan<float> Combine(ReadOnlySpan<float> logits, int rows)
    {
        Span<float> all = Room(rows).Span;
        for (int row = 0; row < rows; row++)
        {
            Span<float> mine = all.Slice(row * vocabularySize, vocabularySize);
            logits.Slice(row * networks.LogitsStride, vocabularySize).CopyTo(room);
            Kernels.SoftmaxCrossEntropy.LogProbabilities(room, mine);
            Combine(row, mine);
        }
        return all;
    }

    private Memory<float> Room(int positions)
    {
        if (distributions.Length < positions * vocabularySize)
            distributions = new float[positions * vocabularySize];
        return distributions.AsMemory(0, positions * vocabularySize);
    }
}
