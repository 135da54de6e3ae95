// Several networks read the same tokens side by side, and the mean of their probabilities is the prediction. What it returns for
// logits are the logarithms of that mean, which softmax leaves as they are.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Averages the predictions of a model's networks.</summary>
internal sealed class MixturePredictor : Predictor
{
    private readonly int vocabularySize;
    private readonly Predictor[] engines;
    private readonly ThreadTeam team; // each of its threads computes some networks
    private readonly Action<int> evaluate, distribute, feed, step, predict;
    private readonly int[] inputs; // [T·B]
    private readonly int[] targets; // [T·B]
    private readonly float[][] logProbabilities; // [K][…] what the networks say: of the targets, or of every token
    private float[] mixed; // […] their mean
    private int rows;
    private int length; // of the call's inputs

    /// <param name="model">A model of several networks.</param>
    /// <param name="options">What it is for.</param>
    public MixturePredictor(LanguageModel model, EngineOptions options) : base(options)
    {
        int count = model.Members.Count, threads = CpuEngine.MostThreads(options);
        EngineMemory.Check(() => EngineMemory.Bytes(model, options));
        // As many networks at a time as leave no thread idle; each of those has its share of the threads.
        int together = Math.Min(count, threads);
        while (count % together != 0 || threads % together != 0)
            together--;
        vocabularySize = model.Vocabulary.Count;
        team = new ThreadTeam(together);
        engines = new Predictor[count];
        for (int i = 0; i < count; i++)
            engines[i] = OfNetwork(model.Members[i], options with { Threads = threads / together });
        (inputs, targets) = (new int[options.Rows * options.Steps], new int[options.Rows * options.Steps]);
        logProbabilities = [.. engines.Select(_ => new float[inputs.Length])];
        mixed = [];
        (evaluate, distribute, feed, step, predict) = (EvaluateShare, DistributeShare, FeedShare, StepShare, PredictShare);
    }

    /// <inheritdoc/>
    public override bool IsDisposed => engines[0].IsDisposed;

    /// <inheritdoc/>
    public override int Threads => team.Count;

    /// <inheritdoc/>
    public override int LogitsStride => vocabularySize;

    /// <inheritdoc/>
    public override void Evaluate(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        Take(rows, inputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, inputs.Length);
        targets.CopyTo(this.targets);
        Run(evaluate);
        Span<float> scored = losses[..length];
        Mixing.LogMean(logProbabilities, scored);
        foreach (ref float loss in scored)
            loss = -loss;
    }

    /// <inheritdoc/>
    public override void Distributions(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Memory<float> logProbabilities)
    {
        Take(rows, inputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, inputs.Length);
        targets.CopyTo(this.targets);
        MakeRoom(length * vocabularySize);
        Run(distribute);
        Mixing.LogMean(this.logProbabilities, logProbabilities.Span[..(length * vocabularySize)]);
    }

    /// <inheritdoc/>
    public override void Feed(int rows, ReadOnlySpan<int> inputs)
    {
        Take(rows, inputs);
        Run(feed);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        Take(inputs.Length, inputs);
        return Mix(step);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Predict(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Options.Rows);
        this.rows = rows;
        return Mix(predict);
    }

    /// <summary>They are log-probabilities already.</summary>
    public override void LogProbabilities(ReadOnlySpan<float> logits, int row, Span<float> logProbabilities) =>
        logits.Slice(row * vocabularySize, vocabularySize).CopyTo(logProbabilities);

    /// <inheritdoc/>
    public override void ResetState(int row) => Array.ForEach(engines, engine => engine.ResetState(row));

    /// <inheritdoc/>
    public override void GetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        for (int i = 0; i < engines.Length; i++)
            engines[i].GetState(row, state.Members[i], stateRow);
    }

    /// <inheritdoc/>
    public override void SetState(int row, RecurrentState state, int stateRow = 0)
    {
        Check(state);
        for (int i = 0; i < engines.Length; i++)
            engines[i].Check(state.Members[i]);
        for (int i = 0; i < engines.Length; i++)
            engines[i].SetState(row, state.Members[i], stateRow);
    }

    /// <inheritdoc/>
    public override void CopyState(int from, int to) => Array.ForEach(engines, engine => engine.CopyState(from, to));

    /// <inheritdoc/>
    public override void ParametersChanged() => Array.ForEach(engines, engine => engine.ParametersChanged());

    /// <inheritdoc/>
    public override void Dispose()
    {
        team.Dispose();
        Array.ForEach(engines, engine => engine.Dispose());
    }

    private void Take(int rows, ReadOnlySpan<int> inputs)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs.Length, this.inputs.Length);
        inputs.CopyTo(this.inputs);
        (this.rows, length) = (rows, inputs.Length);
    }

    /// <inheritdoc/>
    public override void Run(Action<int> share)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        team.Run(share);
    }

    // Every token's probability in the first rows of the call.
    private ReadOnlySpan<float> Mix(Action<int> share)
    {
        int needed = rows * vocabularySize;
        MakeRoom(needed);
        Run(share);
        Span<float> result = mixed.AsSpan(0, needed);
        Mixing.LogMean(logProbabilities, result);
        return result;
    }

    private void MakeRoom(int needed)
    {
        if (mixed.Length >= needed)
            return;
        mixed = new float[needed];
        for (int i = 0; i < engines.Length; i++)
            logProbabilities[i] = new float[Math.Max(needed, inputs.Length)];
    }

    private void EvaluateShare(int thread)
    {
        for (int i = thread; i < engines.Length; i += team.Count)
        {
            Span<float> scored = logProbabilities[i].AsSpan(0, length);
            engines[i].Evaluate(rows, inputs.AsSpan(0, length), targets.AsSpan(0, length), scored);
            foreach (ref float value in scored)
                value = -value;
        }
    }

    private void DistributeShare(int thread)
    {
        for (int i = thread; i < engines.Length; i += team.Count)
            engines[i].Distributions(rows, inputs.AsSpan(0, length), targets.AsSpan(0, length), logProbabilities[i].AsMemory(0, length * vocabularySize));
    }

    private void FeedShare(int thread)
    {
        for (int i = thread; i < engines.Length; i += team.Count)
            engines[i].Feed(rows, inputs.AsSpan(0, length));
    }

    private void StepShare(int thread)
    {
        for (int i = thread; i < engines.Length; i += team.Count)
            Normalise(i, engines[i].Step(inputs.AsSpan(0, length)));
    }

    private void PredictShare(int thread)
    {
        for (int i = thread; i < engines.Length; i += team.Count)
            Normalise(i, engines[i].Predict(rows));
    }

    private void Normalise(int i, ReadOnlySpan<float> logits)
    {
        for (int row = 0; row < rows; row++)
            engines[i].LogProbabilities(logits, row, logProbabilities[i].AsSpan(row * vocabularySize, vocabularySize));
    }

    /// <inheritdoc/>
    public override void Check(RecurrentState state)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (state.Members.Count != engines.Length)
            throw RecurrentState.OfAnotherShape(nameof(state));
    }
}
