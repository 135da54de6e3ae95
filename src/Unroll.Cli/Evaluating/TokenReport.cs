// `evaluate --per-token`: the text token by token, how likely each was, and what else was expected in its place.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Unroll.Cli.Output;
using Unroll.Prediction;

namespace Unroll.Cli.Evaluating;

/// <summary>Shows a text's tokens as they are read.</summary>
/// <param name="terminal">Where to.</param>
internal sealed class TokenReport(Terminal terminal)
{
    private const int TokenCells = 10;

    /// <summary>Shows them as a table, with the figures of the whole text after it.</summary>
    /// <exception cref="UnrollException">There is nothing to measure.</exception>
    public void Write(TokenByToken reading, TextSource text)
    {
        long start = Stopwatch.GetTimestamp();
        bool begun = false;
        foreach (ReadToken token in reading.Read(text))
        {
            if (!begun)
                terminal.Out.WriteLine($"{Padded("token")}  probability    bits  expected  likeliest");
            begun = true;
            Write(token);
        }
        CheckMeasured(reading, text);
        terminal.Out.WriteLine();
        WholeText.Write(Whole(reading, start), terminal);
    }

    /// <summary>The same as one JSON object.</summary>
    /// <exception cref="UnrollException">There is nothing to measure.</exception>
    public void WriteJson(TokenByToken reading, TextSource text)
    {
        long start = Stopwatch.GetTimestamp();
        JsonRows.Write(
            terminal.Out, "tokens", Rows(reading, text), () => JsonSerializer.Serialize(new TokensJson(WholeText.Json(Whole(reading, start))), JsonOutput.Readable.TokensJson));
    }

    // Nothing comes of a text in which there is nothing to measure: its only token waits for another.
    private static IEnumerable<string> Rows(TokenByToken reading, TextSource text)
    {
        string? waiting = null;
        foreach (ReadToken token in reading.Read(text))
        {
            if (waiting is not null)
                yield return waiting;
            waiting = JsonSerializer.Serialize(Json(token), JsonOutput.Compact.ReadTokenJson);
        }
        CheckMeasured(reading, text);
        yield return waiting!;
    }

    private static void CheckMeasured(TokenByToken reading, TextSource text)
    {
        if (reading.Tokens == 0)
            throw Evaluator.NothingToMeasure(text);
    }

    private static EvaluationResult Whole(TokenByToken reading, long start) => new(
        reading.Tokens, reading.Characters, reading.Bytes, reading.Unknown, [], reading.TotalLoss / reading.Tokens,
        Stopwatch.GetElapsedTime(start).TotalSeconds);

    private void Write(ReadToken token)
    {
        if (token.Prediction is not { } prediction)
        {
            terminal.Out.WriteLine($"{Padded(VisibleText.Token(token.Text))}  not predicted: nothing comes before it");
            return;
        }
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"  {Share(prediction.Probability),11}  {prediction.Loss / Math.Log(2),6:0.00}  {prediction.Entropy / Math.Log(2),8:0.00}  ");
        string alternatives = string.Join("  ", token.Alternatives.Select(other => $"{VisibleText.Token(other.Text)} {Share(other.Probability)}"));
        string text = Padded(VisibleText.Token(token.Text));
        if (terminal.OutHasColours)
            text = MarkedText.Coloured(text, (prediction.Loss - prediction.Entropy) / Math.Log(2));
        terminal.Out.WriteLine((text + figures + alternatives).TrimEnd());
    }

    // As many digits as tell probabilities apart that matter.
    private static string Share(double probability) => probability switch
    {
        >= 0.001 => (100 * probability).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        >= 0.00001 => (100 * probability).ToString("0.000", CultureInfo.InvariantCulture) + " %",
        _ => (100 * probability).ToString("0.0e0", CultureInfo.InvariantCulture) + " %",
    };

    private static string Padded(string text) => text + new string(' ', Math.Max(0, TokenCells - text.GetCellWidth()));

    private static ReadTokenJson Json(ReadToken token) => new(
        token.Text,
        token.Prediction?.Probability,
        token.Prediction is { } one ? JsonOutput.Finite(one.Loss / Math.Log(2)) : null,
        token.Prediction is { } other ? JsonOutput.Finite(other.Entropy / Math.Log(2)) : null,
        [.. token.Alternatives.Select(alternative => new AlternativeJson(alternative.Text, alternative.Probability))]);
}
