// One text, read piece by piece, and what the model expects next. The state is the caller's to take, keep and put back: a
// keystroke costs one step, going back costs nothing.
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll;

/// <summary>Reads a text as it comes and predicts what follows. A text begins as after a line break (or, where the model knows
/// none, after a space or the commonest token); to begin with nothing at all before it, as <see cref="TextGenerator"/>'s prefix does,
/// set a new <see cref="RecurrentState"/>. Not for several threads at once.</summary>
public sealed class TextPredictor : IDisposable
{
    private readonly LanguageModel model;
    private readonly Surprises surprises;
    private readonly Predictor predictor;
    private readonly TextEncoder encoder;
    private readonly float[] logProbabilities; // [V]
    private readonly int start;
    private bool predicted; // whether they are those of the state

    /// <summary>Prepares a model, which must not change while it is in use: after training make another predictor.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth. Results do not depend on it.</param>
    public TextPredictor(LanguageModel model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ThreadTeam.CheckAskedFor(threads);
        this.model = model;
        surprises = new Surprises(model, new EngineOptions { Rows = 1, Steps = 64, Threads = threads });
        predictor = surprises.Predictor;
        encoder = new TextEncoder(model.Vocabulary, whole: false);
        logProbabilities = new float[model.Vocabulary.Count];
        start = LineStart.Of(model.Vocabulary);
        Reset();
    }

    /// <summary>Begins another text, as after a line break.</summary>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        predictor.ResetState();
        Feed([start]);
    }

    /// <summary>Reads on.</summary>
    /// <param name="text">The next piece; it is split into tokens by itself, so no token should go on in the piece after it.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>; a part of the piece has been read then.</param>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public void Feed(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        Feed(encoder.Encode(text), cancellationToken);
    }

    /// <summary>Reads on, token by token: <c>Feed([id])</c> is one step.</summary>
    /// <param name="ids">The tokens' ids in the model's vocabulary.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>; some of them have been read then.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public void Feed(ReadOnlySpan<int> ids, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        for (; ids.Length > 0; ids = ids[Math.Min(surprises.Steps, ids.Length)..])
        {
            cancellationToken.ThrowIfCancellationRequested();
            predictor.Feed(rows: 1, ids[..Math.Min(surprises.Steps, ids.Length)]);
            predicted = false;
        }
    }

    /// <summary>Reads on, and tells how likely each token was just before it came. The losses are those that
    /// <see cref="TextScorer"/> adds up, to the bit.</summary>
    /// <param name="text">The next piece, as for <see cref="Feed(string, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>; a part of the piece has been read then.</param>
    /// <returns>The piece's tokens in their order. A token's text is what it adds to the text: nothing for a byte that does not
    /// complete a character.</returns>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public IReadOnlyList<TokenPrediction> Score(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        var scored = new ScoredIds(encoder.Encode(text));
        int[] ids = scored.Ids;
        if (ids.Length == 0)
            return [];
        Predict(); // from what came before the piece
        (scored.Losses[0], scored.Entropies[0]) = (-logProbabilities[ids[0]], Entropy.Of(logProbabilities));
        int last = ids.Length - 1;
        for (int first = 0; first < last; first += surprises.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int steps = Math.Min(surprises.Steps, last - first);
            surprises.Score(rows: 1, ids.AsSpan(first, steps), ids.AsSpan(first + 1, steps));
            predicted = false;
            for (int t = 0; t < steps; t++)
            {
                int i = first + 1 + t;
                (scored.Losses[i], scored.Entropies[i]) = (-surprises.LogProbabilities(t)[ids[i]], surprises.Entropies[t]);
            }
        }
        Feed(ids.AsSpan(last));
        return scored.Predictions(model.Vocabulary, encoder.Unknown);
    }

    /// <summary>How likely each token of the vocabulary is to come next.</summary>
    /// <param name="destination">[V] or longer: the natural logarithms of the tokens' probabilities, by id. Their exponentials sum
    /// to 1; the same bits on every machine.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public void LogProbabilities(Span<float> destination) => Predict().CopyTo(destination);

    /// <summary>The likeliest next tokens, the likeliest first, ties by id; never the unknown token.</summary>
    /// <param name="count">How many at most.</param>
    /// <returns>The tokens with their texts as the vocabulary has them.</returns>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public IReadOnlyList<TokenPrediction> MostLikely(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Predict();
        float entropy = Entropy.Of(logProbabilities);
        return [.. Enumerable.Range(0, logProbabilities.Length).Where(id => id != Vocabulary.UnknownId)
            .OrderByDescending(id => logProbabilities[id]).Take(count)
            .Select(id => new TokenPrediction(id, model.Vocabulary[id], logProbabilities[id]) { Entropy = entropy })];
    }

    /// <summary>A copy of the state after all that has been read: to go back to, to branch from, to save.</summary>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public RecurrentState GetState()
    {
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        var state = new RecurrentState(model);
        predictor.GetState(row: 0, state);
        return state;
    }

    /// <summary>Goes on from a state.</summary>
    /// <param name="state">A state of one row, of a model of this shape; it is copied.</param>
    /// <exception cref="ArgumentException">It has several rows, or belongs to a model of another shape.</exception>
    /// <exception cref="ObjectDisposedException">The predictor has been disposed of.</exception>
    public void SetState(RecurrentState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        if (state.Batch != 1)
            throw new ArgumentException($"A predictor reads one text, so its state has one row, not {state.Batch}.", nameof(state));
        predictor.SetState(row: 0, state);
        predicted = false;
    }

    /// <inheritdoc/>
    public void Dispose() => surprises.Dispose();

    private float[] Predict()
    {
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        if (!predicted)
            predictor.Predict(logProbabilities);
        predicted = true;
        return logProbabilities;
    }
}
