namespace Unroll;

/// <summary>A line of a text, and how well a model predicts it by itself.</summary>
public sealed class LineScore
{
    private readonly Func<TokenPrediction[]> predictions;

    internal LineScore(long number, TextScore score, int firstToken, Func<TokenPrediction[]> predictions)
    {
        (Number, Score, FirstToken, this.predictions) = (number, score, firstToken, predictions);
    }

    /// <summary>The line's number, from 1.</summary>
    public long Number { get; }

    /// <summary>The whole line's score, with the line break that ends it.</summary>
    public TextScore Score { get; }

    /// <summary>The line's tokens. Of a line of more than some 4,000 tokens a stretch of so many: the one with the most bits beyond
    /// those expected.</summary>
    public IReadOnlyList<TokenPrediction> Tokens => field ??= predictions();

    /// <summary>How many tokens of the line stand before <see cref="Tokens"/>.</summary>
    public int FirstToken { get; }
}
