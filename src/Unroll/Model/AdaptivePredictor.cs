// Reading along (dynamic evaluation; Krause, Kahembwe, Murray and Renals 2018): after each piece of a text the network learns from it,
// so that names, metre and habits met once are expected from then on. Every token is still predicted before it is learnt from. The
// model itself does not change: a copy learns, and is forgotten with this object.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A network that learns from what it reads: one row only.</summary>
internal sealed class AdaptivePredictor : Predictor
{
    /// <summary>Tokens of a piece.</summary>
    private const int Steps = 32;

    // Steps along the gradient divided by its running root mean square (Adam without a first moment), and every so many pieces a
    // part of the way back to the model as it was trained. Found on held-back parts of training texts; flat around these values
    // (docs/training.md).
    private const double Rate = 0.002, TableRate = 0.05, Beta2 = 0.999, Epsilon = 1e-8, Clip = 1;
    private const int PullEvery = 32;
    private const float Pull = 0.06f;

    private readonly LanguageModel original;
    private readonly LanguageModel copy;
    private readonly CpuEngine engine;
    private readonly RecurrentState state; // before the piece
    private readonly int[] piece = new int[Steps], following = new int[Steps];
    private int stepped; // tokens of a piece that is read token by token
    private double beta2Power = 1;
    private ulong pieces;

    /// <param name="model">A model of one network.</param>
    /// <param name="options">What it is for: one row.</param>
    public AdaptivePredictor(LanguageModel model, EngineOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Rows, 1);
        (original, copy) = (model, model.Blank());
        // One row keeps one thread busy: more would wait for each other at every step.
        engine = new CpuEngine(copy, options with { Steps = Steps, Threads = 1, Training = new EngineTraining { Moments = 2 } });
        state = new RecurrentState(copy);
        ParametersChanged();
    }

    /// <inheritdoc/>
    public override bool IsDisposed => engine.IsDisposed;

    /// <inheritdoc/>
    public override int LogitsStride => engine.LogitsStride;

    /// <inheritdoc/>
    public override void Evaluate(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        stepped = 0;
        for (int start = 0; start < inputs.Length; start += Steps)
        {
            Range piece = start..Math.Min(start + Steps, inputs.Length);
            if (inputs[piece].Length == Steps)
                Learn(inputs[piece], targets[piece], losses[piece]);
            else
                engine.Evaluate(rows, inputs[piece], targets[piece], losses[piece]);
        }
    }

    /// <inheritdoc/>
    public override void Distributions(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Memory<float> logProbabilities)
    {
        Span<float> losses = stackalloc float[Steps];
        int vocabularySize = copy.Vocabulary.Count;
        stepped = 0;
        for (int start = 0; start < inputs.Length; start += Steps)
        {
            Range piece = start..Math.Min(start + Steps, inputs.Length);
            int length = inputs[piece].Length;
            engine.GetState(state);
            engine.Distributions(rows, inputs[piece], targets[piece], logProbabilities.Slice(start * vocabularySize, length * vocabularySize));
            if (length < Steps)
                return;
            engine.SetState(state);
            Learn(inputs[piece], targets[piece], losses);
        }
    }

    /// <inheritdoc/>
    public override void Feed(int rows, ReadOnlySpan<int> inputs)
    {
        stepped = 0;
        for (int start = 0; start < inputs.Length; start += Steps)
            engine.Feed(rows, inputs[start..Math.Min(start + Steps, inputs.Length)]);
    }

    /// <summary>Feeds one token. Of every piece of steps it learns when the token after it is told, which is what the piece's last token
    /// is learnt from: then as from the same piece in a window, to the bit.</summary>
    public override ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        if (stepped == Steps)
        {
            piece.AsSpan(1).CopyTo(following);
            following[^1] = inputs[0];
            engine.SetState(state);
            Learn(piece, following, stackalloc float[Steps]);
            stepped = 0;
        }
        if (stepped == 0)
            engine.GetState(state);
        piece[stepped++] = inputs[0];
        return engine.Step(inputs);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Predict(int rows) => engine.Predict(rows);

    /// <inheritdoc/>
    public override void LogProbabilities(ReadOnlySpan<float> logits, int row, Span<float> logProbabilities) => engine.LogProbabilities(logits, row, logProbabilities);

    /// <inheritdoc/>
    public override void ResetState(int row)
    {
        stepped = 0;
        engine.ResetState(row);
    }

    /// <inheritdoc/>
    public override void GetState(int row, RecurrentState state, int stateRow = 0) => engine.GetState(row, state, stateRow);

    /// <inheritdoc/>
    public override void SetState(int row, RecurrentState state, int stateRow = 0)
    {
        stepped = 0;
        engine.SetState(row, state, stateRow);
    }

    /// <inheritdoc/>
    public override void CopyState(int from, int to) => engine.CopyState(from, to);

    /// <inheritdoc/>
    public override void Check(RecurrentState state) => engine.Check(state);

    /// <summary>Forgets what has been learnt, and takes the model as it is now.</summary>
    public override void ParametersChanged()
    {
        original.Parameters.Values.CopyTo(copy.Parameters.Values);
        engine.ForgetMoments();
        (beta2Power, pieces, stepped) = (1, 0, 0);
        engine.ParametersChanged();
    }

    /// <inheritdoc/>
    public override void Dispose() => engine.Dispose();

    private void Learn(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        engine.Train(inputs, targets, seed: 0, pieces);
        engine.LastLosses.CopyTo(losses);
        double norm = engine.GradientNorm;
        beta2Power *= Beta2;
        engine.Update(new UpdateStep
        {
            Rule = UpdateRule.Adam,
            Scale = norm > Clip ? (float)(Clip / norm) : 1,
            Rate = (float)Rate,
            TableRate = (float)TableRate,
            Shrink = 1,
            Beta1 = 0,
            Rest1 = 1,
            Beta2 = (float)Beta2,
            Rest2 = (float)(1 - Beta2),
            RootCorrection = (float)(1 / Math.Sqrt(1 - beta2Power)),
            Epsilon = (float)Epsilon,
        });
        if (++pieces % PullEvery != 0)
            return;
        RowOperations.Pull(copy.Parameters.Values, original.Parameters.Values, Pull);
        engine.ParametersChanged();
    }
}
