// The loss of a model on one long row of tokens: batch 1, the state carried from the first token to the last, in memory
// that does not grow with the text. Validation and Evaluator read through it, so their numbers agree to the bit.
using System.Runtime.InteropServices;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Scores a row of ids that comes in pieces; every id but the first is a prediction.</summary>
/// <param name="model">The model.</param>
/// <param name="threads">Threads at most; 0 = one per core.</param>
/// <param name="readsAlong">Whether it learns from what it has scored.</param>
/// <param name="keeps">Whether it keeps losses for who adds them up with others' (<see cref="SharedDocuments"/>).</param>
internal sealed class SequenceScorer(LanguageModel model, int threads, bool readsAlong = false, bool keeps = false) : IDisposable
{
    private const int Steps = 256;

    private readonly Predictor predictor = Predictor.For(model, EngineOptions(threads) with { ReadsAlong = readsAlong });
    private readonly float[] losses = new float[Steps];
    private readonly int[] window = new int[Steps + 1]; // the last id scored, then those that wait
    private readonly List<float> kept = [];
    private int filled;

    /// <summary>The engine that scores a row.</summary>
    public static EngineOptions EngineOptions(int threads) => new() { Rows = 1, Steps = Steps, Threads = threads };

    /// <summary>Predictions scored.</summary>
    public long Count { get; private set; }

    /// <summary>The sum of their losses in nats, added up in the row's order.</summary>
    public double LossSum { get; private set; }

    /// <summary>Starts a new row from a zero state, with the model's parameters as they are now.</summary>
    public void Start()
    {
        predictor.ParametersChanged();
        predictor.ResetState();
        (filled, Count, LossSum) = (0, 0, 0);
    }

    /// <summary>Takes the row's next ids.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        while (ids.Length > 0)
        {
            int taken = Math.Min(ids.Length, window.Length - filled);
            ids[..taken].CopyTo(window.AsSpan(filled));
            filled += taken;
            ids = ids[taken..];
            if (filled == window.Length)
                Score();
        }
    }

    /// <summary>Scores what still waits: the row is at its end, or comes to a pause.</summary>
    public void Finish() => Score();

    /// <summary>Adds losses up: its own, or those of others who keep theirs.</summary>
    public void Sum(ReadOnlySpan<float> scored)
    {
        foreach (float loss in scored)
            LossSum += loss;
        Count += scored.Length;
    }

    /// <summary>Hands out the losses that it has kept; valid until it scores more.</summary>
    public ReadOnlySpan<float> TakeKept()
    {
        Span<float> all = CollectionsMarshal.AsSpan(kept);
        kept.Clear(); // which leaves them where they are
        return all;
    }

    /// <summary>The mean loss of a whole row in nats, or null if cancelled on the way.</summary>
    /// <param name="ids">At least two.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    public double? MeanLoss(TokenIds ids, CancellationToken cancellationToken)
    {
        Span<int> piece = stackalloc int[Steps];
        Start();
        for (long start = 0; start < ids.Length; start += Steps)
        {
            if (cancellationToken.IsCancellationRequested)
                return null;
            Span<int> part = piece[..(int)Math.Min(Steps, ids.Length - start)];
            ids.Read(start, part);
            Add(part);
        }
        Finish();
        return LossSum / Count;
    }

    public void Dispose() => predictor.Dispose();

    private void Score()
    {
        int predictions = filled - 1;
        if (predictions < 1)
            return;
        Span<float> scored = losses.AsSpan(0, predictions);
        predictor.Evaluate(rows: 1, window.AsSpan(0, predictions), window.AsSpan(1, predictions), scored);
        if (keeps)
            kept.AddRange(scored);
        else
            Sum(scored);
        (window[0], filled) = (window[predictions], 1);
    }
}
