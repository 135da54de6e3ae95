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

    /// <summary>Texts that are sorted by length together, so that memory does not grow with their number.</summary>
    private const int Block = 64 * Rows;

    /// <summary>Tokens of a block of lines.</summary>
    private const int MostTokens = 1 << 20;

    private readonly Surprises surprises;
    private readonly Vocabulary vocabulary;
    private readonly TextEncoder encoder;
    private readonly int start;
    private readonly int[] inputs;
    private readonly int[] targets;

    /// <summary>Prepares a model, which must not change while it is in use: after training make another scorer.</summary>
    /// <param name="model">The model; texts are split and cleaned as its vocabulary says.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth. Results do not depend on it.</param>
    public TextScorer(LanguageModel model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ThreadTeam.CheckAskedFor(threads);
        surprises = new Surprises(model, new EngineOptions { Rows = Rows, Steps = MostSteps, Threads = threads });
        vocabulary = model.Vocabulary;
        encoder = new TextEncoder(vocabulary, whole: true);
        start = LineStart.Of(vocabulary);
        (inputs, targets) = (new int[Rows * surprises.Steps], new int[Rows * surprises.Steps]);
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
        ObjectDisposedException.ThrowIf(surprises.Predictor.IsDisposed, this);
        var scores = new TextScore[texts.Count];
        for (int first = 0; first < texts.Count; first += Block)
        {
            ScoredIds[] lines = [.. Enumerable.Range(first, Math.Min(Block, texts.Count - first)).Select(i => Encode(texts[i], out scores[i]))];
            Score(lines, done => progress?.Report(first + done), cancellationToken);
            for (int i = 0; i < lines.Length; i++)
                scores[first + i] = lines[i].AddTo(scores[first + i]);
        }
        return scores;
    }

    /// <summary>Scores the lines of a text of any length, in bounded memory. Each is scored by itself, as <see cref="Score(string)"/>
    /// would, together with the line break that ends it (where the model knows line breaks): that a line ends, or is empty, can be
    /// a surprise, too.</summary>
    /// <param name="text">The text; read once, while the scores are asked for.</param>
    /// <param name="progress">Told, on the calling thread, how many tokens are done.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The lines in their order.</returns>
    /// <exception cref="ObjectDisposedException">The scorer has been disposed of.</exception>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read; said when that place is reached.</exception>
    public IEnumerable<LineScore> ScoreLines(TextSource text, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ObjectDisposedException.ThrowIf(surprises.Predictor.IsDisposed, this);
        return ScoreShares(text, rank: 0, count: 1, progress, cancellationToken).SelectMany(lines => lines);
    }

    /// <inheritdoc/>
    public void Dispose() => surprises.Dispose();

    /// <summary>The same for one of several who share the lines, and read the whole text each. Batches go, the longest first, to whoever
    /// has least to do, and a line that is too long to be held is one's.</summary>
    /// <param name="text">As above.</param>
    /// <param name="rank">Which of them this is, from 0.</param>
    /// <param name="count">How many share the lines.</param>
    /// <param name="progress">Told how many tokens are done by all.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <returns>Block after block of the text, as many for each of them: those lines of the block that are its own, in their order.</returns>
    internal IEnumerable<IReadOnlyList<LineScore>> ScoreShares(TextSource text, int rank, int count, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var waiting = new List<LinePart>();
        var longLines = new List<LineScore>();
        long done = 0, together = 0; // tokens: scored; of the block's lines, and of what is kept of its long lines
        int lines = 0; // of the block
        LongLine? open = null;
        foreach (LinePart part in new LineReader(vocabulary).Read(text))
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isWhole = part.Begins && part.Ends;
            if (isWhole)
            {
                waiting.Add(part);
                together += part.Ids.Length;
            }
            else
            {
                if (part.Begins && part.Number % count == rank)
                    open = new LongLine(part.Number, text.Name);
                open?.Add(part, ScoreAlone(part.Ids, open.LastId, cancellationToken));
                done += part.Ids.Length;
            }
            if (part.Ends && !isWhole)
            {
                if (open is not null)
                    longLines.Add(open.End(vocabulary));
                open = null;
                together += LineReader.LongestPart;
            }
            lines += part.Ends ? 1 : 0;
            if (lines == Block || together >= MostTokens)
            {
                done += waiting.Sum(line => (long)line.Ids.Length);
                yield return ScoreTogether(waiting, longLines, rank, count, cancellationToken);
                (together, lines) = (0, 0);
            }
            progress?.Report(done);
        }
        done += waiting.Sum(line => (long)line.Ids.Length);
        yield return ScoreTogether(waiting, longLines, rank, count, cancellationToken);
        progress?.Report(done);
    }

    private LineScore[] ScoreTogether(List<LinePart> block, List<LineScore> longLines, int rank, int count, CancellationToken cancellationToken)
    {
        LinePart[] parts = count == 1 ? [.. block] : Own(block, rank, count);
        ScoredIds[] lines = [.. parts.Select(part => new ScoredIds(part.Ids))];
        Score(lines, _ => { }, cancellationToken);
        LineScore[] scores = [.. longLines.Concat(parts.Zip(lines, (part, line) =>
        {
            var counts = new TextScore(part.Ids.Length, (int)part.Characters, (int)part.Bytes, part.Unknown.Length, 0);
            return new LineScore(part.Number, line.AddTo(counts), 0, () => line.Predictions(vocabulary, part.Unknown));
        })).OrderBy(line => line.Number)];
        block.Clear();
        longLines.Clear();
        return scores;
    }

    // Lines of about one length go together, as in Score, and in smaller batches only where some would have nothing to do.
    private static LinePart[] Own(List<LinePart> block, int rank, int count)
    {
        long[] tokens = new long[count];
        var own = new List<LinePart>();
        foreach (LinePart[] batch in block.OrderByDescending(part => part.Ids.Length).Chunk(Math.Clamp((block.Count + count - 1) / count, 1, Rows)))
        {
            int least = Array.IndexOf(tokens, tokens.Min());
            tokens[least] += batch.Sum(part => part.Ids.Length) + 1;
            if (least == rank)
                own.AddRange(batch);
        }
        return [.. own.OrderBy(part => part.Number)];
    }

    private ScoredIds Encode(string text, out TextScore counts)
    {
        ArgumentNullException.ThrowIfNull(text, "texts");
        int[] ids = encoder.Encode(text);
        counts = new TextScore(ids.Length, (int)encoder.Characters, (int)encoder.Bytes, encoder.Unknown.Count, 0);
        return new ScoredIds(ids);
    }

    private void Score(ScoredIds[] lines, Action<int> done, CancellationToken cancellationToken)
    {
        ScoredIds[] longestFirst = [.. lines.OrderByDescending(line => line.Ids.Length)];
        for (int row = 0; row < longestFirst.Length; row += Rows)
        {
            int rows = Math.Min(Rows, longestFirst.Length - row);
            ScoreBatch(longestFirst.AsSpan(row, rows), cancellationToken);
            done(row + rows);
        }
    }

    // The longest first; rows whose texts have ended in this window are fed the unknown token to its end, and then left out.
    private void ScoreBatch(ReadOnlySpan<ScoredIds> lines, CancellationToken cancellationToken)
    {
        int rows = lines.Length;
        for (int row = 0; row < rows; row++)
            surprises.Predictor.ResetState(row);
        for (int first = 0; lines[0].Ids.Length > first; first += surprises.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (lines[rows - 1].Ids.Length <= first)
                rows--;
            int window = Math.Min(surprises.Steps, lines[0].Ids.Length - first);
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
            surprises.Score(rows, inputs.AsSpan(0, window * rows), targets.AsSpan(0, window * rows));
            for (int row = 0; row < rows; row++)
                for (int t = 0; t < Math.Min(window, lines[row].Ids.Length - first); t++)
                    Take(lines[row], first + t, t * rows + row);
        }
    }

    // A part of a long line: in a row of its own, whose state goes on from the part before.
    private ScoredIds ScoreAlone(int[] ids, int? before, CancellationToken cancellationToken)
    {
        var scored = new ScoredIds(ids);
        if (before is null)
            surprises.Predictor.ResetState(row: 0);
        int[] read = [before ?? start, .. ids];
        for (int first = 0; first < ids.Length; first += surprises.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int window = Math.Min(surprises.Steps, ids.Length - first);
            surprises.Score(1, read.AsSpan(first, window), ids.AsSpan(first, window));
            for (int t = 0; t < window; t++)
                Take(scored, first + t, t);
        }
        return scored;
    }

    private void Take(ScoredIds scored, int i, int place)
    {
        scored.Losses[i] = -surprises.LogProbabilities(place)[scored.Ids[i]];
        scored.Entropies[i] = surprises.Entropies[place];
    }
}
