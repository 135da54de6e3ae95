// The one seam between what a model is for and what computes it. Evaluation, prediction and generation know this and nothing
// below it, training knows the Engine, which learns too: threads, packing, gradients and where they lie are their own business.
// The rows of a call are chosen when it is made, so that streams can join and leave between steps; each row carries its state
// from call to call.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Reads tokens and predicts the next ones. Not for several threads at once.</summary>
internal abstract class Predictor(EngineOptions options) : IDisposable
{
    /// <summary>The best predictor of this machine.</summary>
    /// <param name="model">The model; its parameters are read at the first use and after <see cref="ParametersChanged"/>.</param>
    /// <param name="options">What it is for.</param>
    /// <exception cref="UnrollException">There is not enough memory for it; said before any is taken.</exception>
    public static Predictor For(LanguageModel model, EngineOptions options)
    {
        Predictor networks = model.Members.Count == 1 ? OfNetwork(model.Members[0], options) : new MixturePredictor(model, options);
        return model.Memory is { } memory ? new MemoryPredictor(networks, memory, options) : networks;
    }

    /// <summary>The predictor of one network.</summary>
    protected static Predictor OfNetwork(LanguageModel network, EngineOptions options) =>
        options.ReadsAlong ? new AdaptivePredictor(network, options) : new CpuEngine(network, options);

    /// <summary>What it was made for.</summary>
    public EngineOptions Options { get; } = options;

    /// <summary>Whether it can be used no longer.</summary>
    public abstract bool IsDisposed { get; }

    /// <summary>The distance between two rows of <see cref="Step"/>'s result, at least V.</summary>
    public abstract int LogitsStride { get; }

    /// <summary>Scores predictions of the first rows; no dropout; their states advance.</summary>
    /// <param name="rows">b ≤ B.</param>
    /// <param name="inputs">[t, b] ids, time-major, t ≤ T.</param>
    /// <param name="targets">[t, b] ids.</param>
    /// <param name="losses">[t, b]: each prediction's cross-entropy in nats.</param>
    public abstract void Evaluate(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses);

    /// <summary>The distributions of what follows each token of the first rows; their states advance.</summary>
    /// <param name="rows">b ≤ B.</param>
    /// <param name="inputs">[t, b] ids, time-major, t ≤ T.</param>
    /// <param name="targets">[t, b] ids: what did follow; who reads along learns from it, afterwards.</param>
    /// <param name="logProbabilities">[t, b, V] in nats.</param>
    public abstract void Distributions(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Memory<float> logProbabilities);

    /// <summary>Feeds tokens to the first rows without asking for predictions (a warm-up); their states advance.</summary>
    /// <param name="rows">b ≤ B.</param>
    /// <param name="inputs">[t, b] ids, time-major, t ≤ T.</param>
    public abstract void Feed(int rows, ReadOnlySpan<int> inputs);

    /// <summary>Feeds one token to each of the first rows; their states advance.</summary>
    /// <param name="inputs">[b] ids, b ≤ B.</param>
    /// <returns>[b, V] logits of the next token; row b starts at b·<see cref="LogitsStride"/>. Valid until the next call.</returns>
    public abstract ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs);

    /// <summary>Predicts from the states of the first rows as they are, feeding nothing: what <see cref="Step"/> returned when it
    /// fed the last token, to the bit.</summary>
    /// <param name="rows">b ≤ B.</param>
    /// <returns>[b, V] logits of the next token, as <see cref="Step"/>'s.</returns>
    public abstract ReadOnlySpan<float> Predict(int rows);

    /// <summary>Predicts from the first row's state, feeding nothing.</summary>
    /// <param name="logProbabilities">[V], in nats: element v is the negative of the loss that <see cref="Evaluate"/> gives the
    /// target v, to the bit.</param>
    public void Predict(Span<float> logProbabilities) => LogProbabilities(Predict(rows: 1), row: 0, logProbabilities);

    /// <summary>Makes log-probabilities of a row's logits.</summary>
    /// <param name="logits">What <see cref="Step"/> or <see cref="Predict(int)"/> returned.</param>
    /// <param name="row">The row.</param>
    /// <param name="logProbabilities">[V], in nats.</param>
    public virtual void LogProbabilities(ReadOnlySpan<float> logits, int row, Span<float> logProbabilities) =>
        SoftmaxCrossEntropy.LogProbabilities(logits[(row * LogitsStride)..], logProbabilities);

    /// <summary>Sets a row's state to zero.</summary>
    public abstract void ResetState(int row);

    /// <summary>Copies a row's state out.</summary>
    /// <param name="row">The row here.</param>
    /// <param name="state">Where to.</param>
    /// <param name="stateRow">Which row of it.</param>
    public abstract void GetState(int row, RecurrentState state, int stateRow = 0);

    /// <summary>Sets a row's state.</summary>
    /// <inheritdoc cref="GetState(int, RecurrentState, int)"/>
    public abstract void SetState(int row, RecurrentState state, int stateRow = 0);

    /// <summary>Makes a row go on from where another is. It costs as much as a copy of the numbers that the row carries.</summary>
    /// <param name="from">The row to copy.</param>
    /// <param name="to">The row whose own state is given up.</param>
    public abstract void CopyState(int from, int to);

    /// <summary>Refuses a state of another shape.</summary>
    /// <exception cref="ArgumentException">It is one.</exception>
    public abstract void Check(RecurrentState state);

    /// <summary>Tells that the model's parameters were written by somebody else.</summary>
    public abstract void ParametersChanged();

    /// <summary>The threads that compute, the caller's included.</summary>
    public virtual int Threads => 1;

    /// <summary>Runs a piece of work on those threads, between calls: they are awake just then.</summary>
    /// <param name="share">The work of one of them, by its number.</param>
    public virtual void Run(Action<int> share) => share(0);

    /// <summary>Sets every row's state to zero.</summary>
    public void ResetState()
    {
        for (int row = 0; row < Options.Rows; row++)
            ResetState(row);
    }

    /// <summary>Copies the states of all rows out.</summary>
    public void GetState(RecurrentState state)
    {
        for (int row = 0; row < state.Batch; row++)
            GetState(row, state, row);
    }

    /// <summary>Sets the states of all rows.</summary>
    public void SetState(RecurrentState state)
    {
        for (int row = 0; row < state.Batch; row++)
            SetState(row, state, row);
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
