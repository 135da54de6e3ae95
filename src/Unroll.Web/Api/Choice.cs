// One of the texts that a request asks for, on its way.
using System.Text;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>A part of a text: what has come since the last one.</summary>
/// <param name="Text">What it adds.</param>
/// <param name="Tokens">The tokens that it is made of.</param>
internal readonly record struct Piece(string Text, IReadOnlyList<GeneratedToken> Tokens)
{
    /// <summary>Nothing.</summary>
    public static Piece Empty { get; } = new("", []);
}

/// <summary>A text under way.</summary>
/// <param name="prompt">Of which prompt, from 0.</param>
/// <param name="sample">Which of that prompt's texts, from 0.</param>
/// <param name="stream">Where it comes from.</param>
/// <param name="echo">What comes before it: the prompt, where that is wanted and does not come token by token.</param>
/// <param name="keepsTokens">Whether anybody wants to know its tokens.</param>
/// <param name="time">Hears of its first token.</param>
/// <param name="outcome">How it ends, when all that is to be done then is done.</param>
internal sealed class Choice(int prompt, int sample, GenerationStream stream, string echo, bool keepsTokens, ServingTimes.TextTime time, Task<GenerationOutcome> outcome)
{
    private string before = echo;
    private double logProbability; // of the tokens that were produced
    private long produced; // those that have come

    /// <summary>Of which prompt.</summary>
    public int Prompt => prompt;

    /// <summary>Which of that prompt's texts.</summary>
    public int Sample => sample;

    /// <summary>Where it comes from.</summary>
    public GenerationStream Stream => stream;

    /// <summary>How it ends, when all that is to be done then is done.</summary>
    public Task<GenerationOutcome> Outcome => outcome;

    /// <summary>The mean logarithm of its tokens' probabilities: what the best of several is chosen by. Of no tokens it is the least.</summary>
    public double MeanLogProbability => produced == 0 ? double.NegativeInfinity : logProbability / produced;

    /// <summary>Waits for the next piece: all that has come by then.</summary>
    /// <returns>Null at the text's end.</returns>
    public async ValueTask<Piece?> NextAsync(CancellationToken cancellationToken)
    {
        if (!await stream.Tokens.WaitToReadAsync(cancellationToken) && before.Length == 0)
            return null;
        var text = new StringBuilder(before);
        before = "";
        List<GeneratedToken>? tokens = keepsTokens ? [] : null;
        while (stream.Tokens.TryRead(out GeneratedToken token))
        {
            text.Append(token.Text);
            tokens?.Add(token);
            if (token.IsPrefix)
                continue;
            time.Token();
            logProbability += token.LogProbability;
            produced++;
        }
        return new Piece(text.ToString(), tokens ?? []);
    }

    /// <summary>Waits for all of it.</summary>
    public async Task<Piece> WholeAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var tokens = new List<GeneratedToken>();
        while (await NextAsync(cancellationToken) is { } piece)
        {
            text.Append(piece.Text);
            tokens.AddRange(piece.Tokens);
        }
        return new Piece(text.ToString(), tokens);
    }
}
