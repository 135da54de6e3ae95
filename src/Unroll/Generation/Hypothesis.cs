namespace Unroll.Generation;

/// <summary>A continuation that a beam search has come to.</summary>
internal sealed class Hypothesis
{
    /// <summary>What its next token and its end depend on.</summary>
    public required TextUnderWay Text { get; init; }

    /// <summary>Where its last token stands in the search.</summary>
    public required int Last { get; init; }

    /// <summary>Its tokens.</summary>
    public int Tokens { get; init; }

    /// <summary>Σ log p of its tokens, in nats.</summary>
    public double LogProbability { get; init; }

    /// <summary>The same with what the repetition penalty takes.</summary>
    public double Judged { get; init; }

    /// <summary><see cref="Judged"/> by its length to the power of the length penalty.</summary>
    public double Score { get; init; }

    /// <summary>The predictor's row that has its state.</summary>
    public int Row { get; set; }
}
