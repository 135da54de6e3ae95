using Unroll.Counts;
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Predicts by networks and a memory of counts together.</summary>
internal sealed class MemoryPredictor : Predictor
{
    private const float BlendRate = 0.004f;

    private readonly Predictor networks;
    private readonly CountBlend blend;
    private readonly CountReader[] readers; // of every row
    private readonly int[][] read; // of every row its last tokens, the latest last
    private readonly int[] lengths; // how many
    private readonly int vocabularySize;
    private readonly float[] logits; // [V], padded: a network's
    private readonly float[] said; // [V] by the memory
    private readonly float[] network; // [V] by the networks
    private float[] distributions = []; // [t, b, V]

    /// <param name="networks">The networks' predictor; disposed of with this one.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="options">What it is for.</param>
    public MemoryPredictor(Predictor networks, CountMemory memory, EngineOptions options) : base(options)
    {
        (this.networks, vocabularySize, blend) = (networks, memory.VocabularySize, new CountBlend(memory.VocabularySize, memory.Mixture));
        readers = [.. Enumerable.Range(0, options.Rows).Select(_ => memory.NewReader(options.ReadsAlong))];
        read = [.. readers.Select(_ => new int[CountMemory.History])];
        lengths = new int[options.Rows];
        (said, network) = (new float[vocabularySize], new float[vocabularySize]);
        logits = new float[(vocabularySize + 15) / 16 * 16];
        Array.Fill(logits, SoftmaxCrossEntropy.Padding);
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
            Span<float> mine = logProbabilities.Span.Slice(i * vocabularySize, vocabularySize);
            if (Options.ReadsAlong)
                CombineAndLearn(i % rows, mine, targets[i]);
            else
                Combine(i % rows, mine);
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
        ReadOnlySpan<float> predicted = networks.Step(inputs);
        for (int row = 0; row < inputs.Length; row++)
            Read(row, inputs[row]);
        return Combine(predicted, inputs.Length);
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
        blend.Mix(logProbabilities, said, readers[row].Confidence, logProbabilities);
    }

    // Who learns from what it reads learns too whom to believe.
    private void CombineAndLearn(int row, Span<float> logProbabilities, int next)
    {
        logProbabilities.CopyTo(network);
        Combine(row, logProbabilities);
        blend.Learn(network, said, readers[row].Confidence, next, BlendRate);
    }

    // A mixture's logits are log probabilities already; a network's become them first.
    private ReadOnlySpan<float> Combine(ReadOnlySpan<float> predicted, int rows)
    {
        Span<float> all = Room(rows).Span;
        for (int row = 0; row < rows; row++)
        {
            Span<float> mine = all.Slice(row * vocabularySize, vocabularySize);
            predicted.Slice(row * networks.LogitsStride, vocabularySize).CopyTo(logits);
            SoftmaxCrossEntropy.LogProbabilities(logits, mine);
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
