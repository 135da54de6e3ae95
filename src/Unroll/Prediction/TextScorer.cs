// Many short texts at once. Texts of about one length share a batch, the longest in its first row, so that rows leave from the
// end as their texts end: what is computed in vain is less than one window of the shorter rows.
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll;

/// <summary>Scores short texts, such as the lines of a log, side by side: as many a second as the machine can do. Each text's score
/// is the same, to the bit, whatever texts are scored with it. Not for several threads at once.</summary>
public sealed class TextScorer : IDisposable
{
    private const int Rows = 64;
    private const int MostSteps = 32;

    /// <summary>The most logits at a time: with a large vocabulary windows are shorter.</summary>
    private const int MostLogits = 1 << 22;

    /// <summary>Texts that are sorted by length together, so that memory does not grow with their number.</summary>
    private const int Block = 64 * Rows;

    private readonly Predictor predictor;
    private readonly TextEncoder encoder;
    private readonly int start;
    private readonly int steps;
    private readonly int[] inputs;
    private readonly int[] targets;
    private readonly float[] losses;

    /// <summary>Prepares a model, which must not change while it is in use: after training make another scorer.</summary>
    /// <param name="model">The model; texts are split and cleaned as its vocabulary says.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth. Results do not depend on it.</param>
    public TextScorer(LanguageModel model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ThreadTeam.CheckAskedFor(threads);
        steps = Math.Clamp(MostLogits / Rows / model.Vocabulary.Count, 1, MostSteps);
        predictor = Predictor.For(model, new EngineOptions { Rows = Rows, Steps = steps, Threads = threads });
        encoder = new TextEncoder(model.Vocabulary, whole: true);
        start = LineStart.Of(model.Vocabulary);
        (inputs, targets, losses) = (new int[Rows * steps], new int[Rows * steps], new float[Rows * steps]);
    }

    /// <summary>Scores one text.</summary>
    /// <inheritdoc cref="Score(IReadOnlyList{string}, IProgress{long}, CancellationToken)"/>
    /// <param name="text">The text.</param>
    public TextScore Score(string text) => Score([text])[0];

    /// <summary>Scores texts. Every token is predicted, the first from a line break (or, where the model knows none, a space or the
    /// commonest token), as in <see cref="TextPredictor"/>; what comes after a text's end is not.</summary>
    /// <param name="texts">The texts, each by itself.</param>
    /// <param name="progress">Told, on the calling thread, how many texts are done.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The scores in the order of the texts.</returns>
    /// <exception cref="ObjectDisposedException">The scorer has been disposed of.</exception>
    public IReadOnlyList<TextScore> Score(IReadOnlyList<string> texts, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        var scores = new TextScore[texts.Count];
        for (int first = 0; first < texts.Count; first += Block)
        {
            int count = Math.Min(Block, texts.Count - first);
            Line[] lines = [.. Enumerable.Range(first, count).Select(i => Encode(texts[i], i)).OrderByDescending(line => line.Ids.Length)];
            for (int row = 0; row < count; row += Rows)
            {
                ReadOnlySpan<Line> together = lines.AsSpan(row, Math.Min(Rows, count - row));
                double[] sums = Score(together, cancellationToken);
                for (int i = 0; i < sums.Length; i++)
                    scores[together[i].Index] = together[i].Counts with { TotalLoss = sums[i] };
                progress?.Report(first + row + together.Length);
            }
        }
        return scores;
    }

    /// <inheritdoc/>
    public void Dispose() => predictor.Dispose();

    private Line Encode(string text, int index)
    {
        ArgumentNullException.ThrowIfNull(text, "texts");
        int[] ids = encoder.Encode(text);
        return new Line(index, ids, new TextScore(ids.Length, (int)encoder.Characters, (int)encoder.Bytes, encoder.Unknown.Count, 0));
    }

    // The longest first; rows whose texts have ended in this window are fed the unknown token to its end, and then left out.
    private double[] Score(ReadOnlySpan<Line> lines, CancellationToken cancellationToken)
    {
        int rows = lines.Length;
        double[] sums = new double[rows];
        for (int row = 0; row < rows; row++)
            predictor.ResetState(row);
        for (int first = 0; lines[0].Ids.Length > first; first += steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (lines[rows - 1].Ids.Length <= first)
                rows--;
            int window = Math.Min(steps, lines[0].Ids.Length - first);
            for (int row = 0; row < rows; row++)
            {
                int[] ids = lines[row].Ids;
                for (int t = 0; t < window; t++)
                {
                    int i = first + t, place = t * rows + row;
                    inputs[place] = i == 0 ? start : i <= ids.Length ? ids[i - 1] : Vocabulary.UnknownId;
                    targets[place] = i < ids.Length ? ids[i] : Vocabulary.UnknownId;
                }
            }
            predictor.Evaluate(rows, inputs.AsSpan(0, window * rows), targets.AsSpan(0, window * rows), losses);
            for (int row = 0; row < rows; row++)
                for (int t = 0; t < Math.Min(window, lines[row].Ids.Length - first); t++)
                    sums[row] += losses[t * rows + row];
        }
        return sums;
    }

    private readonly record struct Line(int Index, int[] Ids, TextScore Counts);
}
