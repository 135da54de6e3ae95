// One text's turn in a step: from its row's logits to the next token and what it adds to the text. It is the same for a text that
// runs alone and for one among many.
using Unroll.Data.Tokens;
using Unroll.Model;

namespace Unroll.Generation;

/// <summary>A text that takes a token at a time.</summary>
/// <param name="options">How tokens are chosen.</param>
/// <param name="text">The text so far.</param>
internal sealed class Continuation(GenerationOptions options, TextUnderWay text)
{
    private readonly TokenSampler sampler = new(options);

    /// <summary>Tokens produced.</summary>
    public long Tokens { get; private set; }

    /// <summary>The token produced last.</summary>
    public int Last { get; private set; }

    /// <summary>Whether no token is to follow.</summary>
    public bool IsEnded => text.IsEnded || Tokens >= options.Length;

    /// <summary>The text.</summary>
    public TextUnderWay Text => text;

    /// <summary>Takes the next token.</summary>
    /// <param name="predictor">What has made the logits.</param>
    /// <param name="logits">Those of its rows.</param>
    /// <param name="row">The text's row.</param>
    /// <param name="room">What a turn needs.</param>
    /// <param name="measured">Whether the token's log-probabilities are wanted, in the room.</param>
    /// <returns>What the token adds to the text, up to the end of a stop text; perhaps nothing.</returns>
    public string Next(Predictor predictor, ReadOnlySpan<float> logits, int row, TurnRoom room, bool measured = false)
    {
        ReadOnlySpan<float> judged = logits.Slice(row * predictor.LogitsStride, room.VocabularySize);
        if (measured || text.Judges)
            predictor.LogProbabilities(logits, row, room.LogProbabilities);
        if (text.Judges)
        {
            text.Judge(room.LogProbabilities, room.Judged);
            judged = room.Judged;
        }
        Last = sampler.Next(judged, Tokens++, room);
        return text.Write(Last);
    }
}
