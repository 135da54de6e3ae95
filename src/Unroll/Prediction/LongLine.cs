using Unroll.Data.Tokens;

namespace Unroll.Prediction;

/// <summary>A line that is too long to be held: its score so far, and the oddest of its parts.</summary>
/// <param name="number">The line's, from 1.</param>
/// <param name="text">What the text is called.</param>
internal sealed class LongLine(long number, string text)
{
    private TextScore score = new(0, 0, 0, 0, 0);
    private double oddest = double.NegativeInfinity;
    private int firstToken;
    private LinePart? shown;
    private ScoredIds? scored;

    /// <summary>The last token so far; null before the line has one.</summary>
    public int? LastId { get; private set; }

    /// <summary>Adds the next part.</summary>
    /// <exception cref="UnrollException">The line has more tokens, characters or bytes than a score counts.</exception>
    public void Add(LinePart part, ScoredIds ids)
    {
        if (score.Bytes > int.MaxValue - part.Bytes || score.Tokens > int.MaxValue - part.Ids.Length)
            throw new UnrollException($"Line {number} of {text} has more than 2 GB: break it into lines, or measure the text as a whole.");
        double excess = 0;
        for (int i = 0; i < part.Ids.Length; i++)
            excess += ids.Losses[i] - ids.Entropies[i];
        if (shown is null || excess > oddest)
            (oddest, firstToken, shown, scored) = (excess, score.Tokens, part, ids);
        score = ids.AddTo(score with
        {
            Tokens = score.Tokens + part.Ids.Length,
            Characters = score.Characters + (int)part.Characters,
            Bytes = score.Bytes + (int)part.Bytes,
            Unknown = score.Unknown + part.Unknown.Length,
        });
        LastId = part.Ids.Length > 0 ? part.Ids[^1] : LastId;
    }

    /// <summary>The whole line.</summary>
    public LineScore End(Vocabulary vocabulary)
    {
        (LinePart part, ScoredIds ids) = (shown!, scored!);
        return new LineScore(number, score, firstToken, () => ids.Predictions(vocabulary, part.Unknown));
    }
}
