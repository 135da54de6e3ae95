namespace Unroll;

/// <summary>A token of a stream: of the prefix, where its log-probabilities were asked for, or produced.</summary>
public readonly record struct GeneratedToken
{
    /// <summary>Its id.</summary>
    public required int Id { get; init; }

    /// <summary>What it adds to the text: nothing for a byte that does not complete a character. All texts of a stream one after
    /// another are its text. A token that the model does not know comes as the prefix has it.</summary>
    public required string Text { get; init; }

    /// <summary>Where its text begins: Unicode scalar values of the stream before it.</summary>
    public required long Offset { get; init; }

    /// <summary>The natural logarithm of its probability, by the model alone: before temperature, penalties and whatever else
    /// chooses. NaN for a first token that nothing precedes.</summary>
    public required float LogProbability { get; init; }

    /// <summary>The likeliest tokens in its place, as many as asked for, the likeliest first, ties by id; never the unknown token.</summary>
    public IReadOnlyList<TokenPrediction> Alternatives { get; init; }

    /// <summary>Whether it belongs to the prefix.</summary>
    public bool IsPrefix { get; init; }
}
