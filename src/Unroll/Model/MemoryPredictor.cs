// A memory's opinion is looked up for each row by itself: rows are shared out to threads, each with a blend of its own, and the
// numbers are the same on any number of them. Who reads along learns from every row what the next one uses, on one thread.
using Unroll.Counts;
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Predicts by networks and a memory of counts together.</summary>
internal sealed class MemoryPredictor : Predictor
{
    private const float BlendRate = 0.004f;

    private readonly Predictor networks;
    private readonly CountMemory memory;
    private readonly ThreadTeam team;
    private readonly Voice[] voices; // of every thread
    private readonly Action<int> read, distribute, combine;
    private readonly CountReader[] readers; // of every row
    private readonly int[][] recent; // of every row its last tokens, the latest last
    private readonly int[] lengths; // how many
    private readonly int vocabularySize;
    private readonly int[] inputs, targets; // [T·B]
    private float[] distributions = []; // [t, b, V]
    private Memory<float> mixed; // [t, b, V] of a call
    private int rows, length; // of a call
    private bool learned; // something, where it reads along
    private bool awaits; // the token that the last step predicted, where it reads along

    /// <param name="networks">The networks' predictor; disposed of with this one.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="options">What it is for.</param>
    public MemoryPredictor(Predictor networks, CountMemory memory, EngineOptions options) : base(options)
    {
        (this.networks, this.memory, vocabularySize) = (networks, memory, memory.VocabularySize);
        readers = [.. Enumerable.Range(0, options.Rows).Select(_ => memory.NewReader(options.ReadsAlong))];
        recent = [.. readers.Select(_ => new int[CountMemory.History])];
        lengths = new int[options.Rows];
        team = new ThreadTeam(options.ReadsAlong ? 1 : Math.Min(options.Rows, CpuEngine.MostThreads(options)));
        voices = [.. Enumerable.Range(0, team.Count).Select(_ => NewVoice())];
        (inputs, targets) = (new int[options.Rows * options.Steps], new int[options.Rows * options.Steps]);
        (read, distribute, combine) = (ReadShare, DistributeShare, CombineShare);
    }

    /// <inheritdoc/>
    public override bool IsDisposed => networks.IsDisposed;

    /// <inheritdoc/>
    public override int Threads => team.Count;

    /// <inheritdoc/>
    public override void Run(Action<int> share) => team.Run(share);

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
        Take(rows, inputs);
        targets.CopyTo(this.targets);
        mixed = logProbabilities;
        team.Run(distribute);
    }

    /// <inheritdoc/>
    public override void Feed(int rows, ReadOnlySpan<int> inputs)
    {
        networks.Feed(rows, inputs);
        Take(rows, inputs);
        team.Run(read);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        ReadOnlySpan<float> predicted = networks.Step(inputs);
        if (awaits)
            voices[0].Learn(readers[0], inputs[0]);
        Take(inputs.Length, inputs);
        team.Run(read);
        awaits = Options.ReadsAlong;
        return Combine(predicted);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Predict(int rows)
    {
        ReadOnlySpan<float> predicted = networks.Predict(rows);
        this.rows = rows;
        return Combine(predicted);
    }

    /// <summary>They are log-probabilities already.</summary>
    public override void LogProbabilities(ReadOnlySpan<float> logits, int row, Span<float> logProbabilities) =>
        logits.Slice(row * vocabularySize, vocabularySize).CopyTo(logProbabilities);

    /// <inheritdoc/>
    public override void ResetState(int row)
    {
        networks.ResetState(row);
        awaits = false;
        readers[row].Reset();
        lengths[row] = 0;
    }

    /// <inheritdoc/>
    public override void GetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        networks.GetState(row, state, stateRow);
        state.SetRead(stateRow, recent[row].AsSpan(0, lengths[row]));
    }

    /// <inheritdoc/>
    public override void SetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        networks.SetState(row, state, stateRow);
        awaits = false;
        lengths[row] = state.GetRead(stateRow, recent[row], vocabularySize);
        readers[row].SetContext(recent[row].AsSpan(0, lengths[row]));
    }

    /// <inheritdoc/>
    public override void CopyState(int from, int to)
    {
        networks.CopyState(from, to);
        awaits = false;
        lengths[to] = lengths[from];
        recent[from].CopyTo(recent[to], 0);
        readers[to].SetContext(recent[to].AsSpan(0, lengths[to]));
    }

    /// <inheritdoc/>
    public override void Check(RecurrentState state)
    {
        networks.Check(state);
        if (state.ReadReach != CountMemory.History)
            throw RecurrentState.OfAnotherShape(nameof(state));
    }

    /// <summary>Forgets what has been learnt, and takes the networks as they are now.</summary>
    public override void ParametersChanged()
    {
        networks.ParametersChanged();
        if (!learned)
            return;
        for (int row = 0; row < readers.Length; row++)
        {
            readers[row] = memory.NewReader(adapt: true);
            readers[row].SetContext(recent[row].AsSpan(0, lengths[row]));
        }
        voices[0] = NewVoice();
        (learned, awaits) = (false, false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        team.Dispose();
        networks.Dispose();
    }

    private Voice NewVoice() => new(new CountBlend(vocabularySize, memory.Mixture));

    private void Take(int rows, ReadOnlySpan<int> inputs)
    {
        inputs.CopyTo(this.inputs);
        (this.rows, length, learned, awaits) = (rows, inputs.Length, Options.ReadsAlong, false);
    }

    private void ReadShare(int thread)
    {
        for (int row = thread; row < rows; row += team.Count)
        {
            for (int i = row; i < length; i += rows)
                Read(row, inputs[i]);
        }
    }

    private void DistributeShare(int thread)
    {
        Voice voice = voices[thread];
        for (int row = thread; row < rows; row += team.Count)
        {
            for (int i = row; i < length; i += rows)
            {
                Read(row, inputs[i]);
                Span<float> mine = mixed.Span.Slice(i * vocabularySize, vocabularySize);
                voice.Combine(readers[row], mine, keeps: Options.ReadsAlong);
                if (Options.ReadsAlong)
                    voice.Learn(readers[row], targets[i]);
            }
        }
    }

    private void CombineShare(int thread)
    {
        for (int row = thread; row < rows; row += team.Count)
            voices[thread].Combine(readers[row], mixed.Span.Slice(row * vocabularySize, vocabularySize), keeps: Options.ReadsAlong);
    }

    // Where it reads along, a token is learnt from when it is read: after it was predicted.
    private void Read(int row, int token)
    {
        readers[row].Feed(token);
        int[] mine = recent[row];
        if (token == memory.EndId)
            lengths[row] = 0;
        if (lengths[row] == mine.Length)
        {
            mine.AsSpan(1).CopyTo(mine);
            lengths[row]--;
        }
        mine[lengths[row]++] = token;
    }

    private ReadOnlySpan<float> Combine(ReadOnlySpan<float> predicted)
    {
        mixed = Room(rows);
        for (int row = 0; row < rows; row++)
            networks.LogProbabilities(predicted, row, mixed.Span.Slice(row * vocabularySize, vocabularySize));
        team.Run(combine);
        return mixed.Span;
    }

    private Memory<float> Room(int positions)
    {
        if (distributions.Length < positions * vocabularySize)
            distributions = new float[positions * vocabularySize];
        return distributions.AsMemory(0, positions * vocabularySize);
    }

    // What a thread needs to mix with.
    private sealed class Voice(CountBlend blend)
    {
        private readonly float[] said = new float[blend.VocabularySize]; // by the memory
        private readonly float[] network = new float[blend.VocabularySize]; // by the networks

        // Who learns from what it reads keeps what was said until it is known what came.
        public void Combine(CountReader reader, Span<float> logProbabilities, bool keeps)
        {
            if (keeps)
                logProbabilities.CopyTo(network);
            reader.LogProbabilities(said);
            blend.Mix(logProbabilities, said, reader.Confidence, logProbabilities);
        }

        // Whom to believe is learnt too.
        public void Learn(CountReader reader, int next) => blend.Learn(network, said, reader.Confidence, next, BlendRate);
    }
}
