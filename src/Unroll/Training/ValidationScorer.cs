// The loss of a model on the text that a run measures itself by. One stream from the first token to the last would use a
// small part of what the machine can do, so the text is cut into pieces that are read side by side. Every piece but the
// first starts in the middle: its row reads the tokens before it, to know what a stream would, before its predictions count.
// Ranks share the rows; a row's sum does not depend on which are read beside it.
using System.Runtime.InteropServices;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>Scores every token of a text but the first, once. How the text is cut depends on its length alone: equal models
/// get equal bits on any number of threads. A text that makes one piece is scored as by <see cref="SequenceScorer"/>, to the
/// bit.</summary>
internal sealed class ValidationScorer : IDisposable
{
    // Tokens that a row reads before its piece: then the mean loss is a stream's but for the eighth decimal (docs/training.md).
    private const int WarmUp = 256;

    private const int Steps = 32;
    private const int MostRows = 16;

    // A piece is so much longer than its warm-up, which thus takes a small part of the time.
    private const int LeastPiece = 16 * WarmUp;

    private readonly TokenIds ids;
    private readonly RankGroup? ranks;
    private readonly Predictor? predictor; // null where there are more ranks than rows, and this one has none
    private readonly int allRows, first, rows; // of which so many are this rank's, from the first on
    private readonly int[] inputs = new int[Steps * MostRows]; // [T, R]
    private readonly int[] targets = new int[Steps * MostRows]; // [T, R]
    private readonly float[] losses = new float[Steps * MostRows]; // [T, R]
    private readonly long[] starts; // [R]: where the piece of each of all rows has its first input
    private readonly double[] sums; // [R] of all rows
    private double tried; // steps that estimates took, ...
    private double triedSeconds; // ... and how long

    /// <param name="model">The model; its parameters are read anew for every measurement.</param>
    /// <param name="ids">The text: two tokens or more.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="ranks">The ranks that share the work, each with an equal model; null = this process alone.</param>
    public ValidationScorer(LanguageModel model, TokenIds ids, int threads, RankGroup? ranks = null)
    {
        (this.ids, this.ranks, allRows) = (ids, ranks, Rows(ids.Length));
        (first, rows) = RowsOf(ranks?.Rank ?? 0);
        (starts, sums) = (new long[allRows], new double[allRows]);
        for (int row = allRows - 2; row >= 0; row--)
            starts[row] = starts[row + 1] + Length(row + 1);
        if (rows > 0)
            predictor = Predictor.For(model, EngineOptions(ids.Length, threads) with { Rows = rows });
    }

    /// <summary>The engine that scores a text of so many tokens.</summary>
    public static EngineOptions EngineOptions(long length, int threads) => new() { Rows = Rows(length), Steps = Steps, Threads = threads };

    /// <summary>How often a model is measured at most: so seldom that it takes a small part of the time.</summary>
    /// <param name="options">How the model learns.</param>
    /// <param name="length">Tokens of the text.</param>
    /// <returns>Updates from one measurement to the next.</returns>
    public static long LeastUpdatesBetween(TrainingOptions options, long length)
    {
        const int Least = 1000;
        int tokensPerUpdate = options.Batch * options.SequenceLength;
        // A token costs less to learn from than to measure where the softmax is sampled.
        long least = options.SoftmaxSample > 0 ? 15 * length : 5 * length;
        return options.Measurements > 0 ? Math.Max(1, least / tokensPerUpdate) : Math.Max(Least, 10 * length / tokensPerUpdate);
    }

    /// <summary>The mean loss in nats, or null if cancelled on the way.</summary>
    /// <param name="cancellationToken">Looked at between windows.</param>
    public double? MeanLoss(CancellationToken cancellationToken)
    {
        predictor?.ParametersChanged();
        predictor?.ResetState();
        Array.Clear(sums);
        // The first piece has nothing before it and waits: its row is the last, and calls may leave out the last.
        int late = first + rows == allRows ? rows - 1 : rows;
        for (int step = -WarmUp; late > 0 && step < 0; step += Steps)
            predictor?.Feed(late, Window(late, step, Steps, inputs, ahead: 0));
        long shortest = Length(allRows - 1), longest = Length(0);
        for (long step = 0; step < shortest; step += Steps)
        {
            if (ranks.Decide(cancellationToken.IsCancellationRequested))
                return null;
            Score(rows, step, (int)Math.Min(Steps, shortest - step));
        }
        if (longest > shortest)
            Score(Enumerable.Range(first, rows).Count(row => Length(row) == longest), shortest, 1);
        GatherSums();
        double sum = 0;
        for (int row = allRows - 1; row >= 0; row--)
            sum += sums[row];
        return sum / (ids.Length - 1);
    }

    /// <summary>About how many seconds a measurement takes, from a small part of one.</summary>
    /// <param name="clock">What tells the time.</param>
    /// <param name="seconds">About how long to try.</param>
    public double Estimate(RunClock clock, double seconds)
    {
        const int Least = 3, Most = 100;
        int steps = (int)Math.Min(Steps, Length(allRows - 1));
        predictor?.ParametersChanged();
        Score(rows, 0, steps); // packs the weights, and is slow while code is new
        clock.Look();
        double start = clock.Seconds, taken = 0;
        int windows = 0;
        for (; windows < Least || (windows < Most && taken > 0 && taken < seconds); taken = clock.Seconds - start, windows++)
        {
            Score(rows, 0, steps);
            clock.Look();
        }
        // A busy machine is seldom as fast as it just was: what was seen before counts half, and before that a quarter.
        (tried, triedSeconds) = (tried / 2 + windows * steps, triedSeconds / 2 + taken);
        return triedSeconds / tried * (Length(0) + (allRows > 1 ? WarmUp : 0));
    }

    public void Dispose() => predictor?.Dispose();

    private static int Rows(long length) => (int)Math.Clamp(length / LeastPiece, 1, MostRows);

    // Predictions of a row's piece. The rows have the pieces in the text's order from the last row to the first, and what does
    // not divide by R makes the first rows' longer by one.
    private long Length(int row) => (ids.Length - 1 + allRows - 1 - row) / allRows;

    private (int First, int Count) RowsOf(int rank)
    {
        (int start, int end) = Share.Of(allRows, ranks?.Count ?? 1, rank);
        return (start, end - start);
    }

    private void Score(int count, long step, int steps)
    {
        if (predictor is null || count == 0)
            return;
        Span<float> scored = losses.AsSpan(0, steps * count);
        predictor.Evaluate(count, Window(count, step, steps, inputs, ahead: 0), Window(count, step, steps, targets, ahead: 1), scored);
        for (int i = 0; i < scored.Length; i++)
            sums[first + i % count] += scored[i];
    }

    private void GatherSums()
    {
        if (ranks is null)
            return;
        int[] counts = [.. Enumerable.Range(0, ranks.Count).Select(rank => RowsOf(rank).Count * sizeof(double))];
        ranks.Gather(MemoryMarshal.AsBytes(sums[first..(first + rows)].AsSpan()), MemoryMarshal.AsBytes(sums.AsSpan()), counts);
    }

    // [t, r]: what the first of this rank's rows read at some steps of their pieces, or one token ahead of that.
    private Span<int> Window(int count, long step, int steps, int[] place, int ahead)
    {
        Span<int> row = stackalloc int[Steps];
        for (int r = 0; r < count; r++)
        {
            ids.Read(starts[first + r] + step + ahead, row[..steps]);
            for (int t = 0; t < steps; t++)
                place[t * count + r] = row[t];
        }
        return place.AsSpan(0, steps * count);
    }
}
