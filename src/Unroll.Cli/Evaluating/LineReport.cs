// `evaluate --per-line`: every line by itself, the oddest first. A line is odd by the bits that it takes beyond those that the model
// expected (TextScore.Oddness): neither its length nor random numbers that are always there make it odd.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Output;

namespace Unroll.Cli.Evaluating;

/// <summary>Scores the lines of a text and shows the oddest.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="top">How many lines to show; 0 = all, in their order.</param>
internal sealed class LineReport(Terminal terminal, int top)
{
    /// <summary>Cells of a line that are shown where nothing else limits them.</summary>
    private const int MostCells = 400;

    private long lines, tokens, characters, bytes, unknown;
    private double totalLoss;

    /// <summary>Shows a text's lines as a table.</summary>
    public void Write(TextScorer scorer, TextSource text, CountingLine progress)
    {
        long start = Stopwatch.GetTimestamp();
        IEnumerable<LineScore> chosen = Chosen(scorer, text, progress);
        terminal.Out.WriteLine($"{"oddness",8}  {"bits",8}  {"expected",8}  {"line",8}");
        foreach (LineScore line in chosen)
            Write(line);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        terminal.Out.WriteLine();
        if (tokens == 0)
            terminal.Out.WriteLine("There is no token in this text.");
        else
            WholeText.Write(Whole(seconds), terminal, ("lines", Figures.Count(lines), "each by itself"));
    }

    /// <summary>The same as one JSON object.</summary>
    public void WriteJson(TextScorer scorer, TextSource text, CountingLine progress)
    {
        long start = Stopwatch.GetTimestamp();
        IEnumerable<LineScore> chosen = Chosen(scorer, text, progress); // fails, if it does, before anything is written
        var rows = new JsonRows(terminal.Out, "lines");
        foreach (LineScore line in chosen)
            rows.Add(JsonSerializer.Serialize(Json(line), JsonOutput.Compact.LineJson));
        EvaluationResult whole = Whole(Stopwatch.GetElapsedTime(start).TotalSeconds);
        rows.End(JsonSerializer.Serialize(new LinesJson(lines, WholeText.Json(whole)), JsonOutput.Readable.LinesJson));
    }

    private IEnumerable<LineScore> Chosen(TextScorer scorer, TextSource text, CountingLine progress)
    {
        IEnumerable<LineScore> all = scorer.ScoreLines(text, top == 0 ? null : progress).Select(Count);
        if (top == 0)
            return all;
        var oddest = new OddestLines(top);
        foreach (LineScore line in all)
            oddest.Add(line);
        progress.Dispose(); // the results may come to the same screen
        return oddest.Take();
    }

    private LineScore Count(LineScore line)
    {
        TextScore score = line.Score;
        lines++;
        (tokens, characters, bytes, unknown) = (tokens + score.Tokens, characters + score.Characters, bytes + score.Bytes, unknown + score.Unknown);
        totalLoss += score.TotalLoss;
        return line;
    }

    private EvaluationResult Whole(double seconds) => new(tokens, characters, bytes, unknown, [], tokens == 0 ? 0 : totalLoss / tokens, seconds);

    private void Write(LineScore line)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"{line.Score.Oddness,8:0.00}  {line.Score.Bits,8:0.0}  {line.Score.Bits - line.Score.ExcessBits,8:0.0}  {line.Number,8}  ");
        var text = new MarkedText(line.Tokens);
        if (terminal.OutHasColours)
        {
            terminal.Out.WriteLine(prefix + text.Coloured(MostCells));
            return;
        }
        // Signs stand below what they mean only if the line is not broken.
        int room = terminal.OutIsTerminal ? Math.Max(20, terminal.OutWidth - prefix.Length) : MostCells;
        (string plain, string signs) = text.Plain(room);
        terminal.Out.WriteLine((prefix + plain).TrimEnd());
        if (signs.Length > 0)
            terminal.Out.WriteLine(new string(' ', prefix.Length) + signs);
    }

    private LineJson Json(LineScore line) => new(
        line.Number, JsonOutput.Finite(line.Score.Oddness), JsonOutput.Finite(line.Score.Bits),
        JsonOutput.Finite(line.Score.Bits - line.Score.ExcessBits), line.Score.Tokens, line.Score.Characters,
        line.Score.Bytes, line.Score.Unknown, string.Concat(line.Tokens.Select(token => token.Text)).TrimEnd('\n'),
        line.FirstToken, top == 0 ? null : [.. line.Tokens.Select(TokenBits)]);

    private static TokenBitsJson TokenBits(TokenPrediction token) =>
        new(token.Text, JsonOutput.Finite(token.Loss / Math.Log(2)), JsonOutput.Finite(token.Entropy / Math.Log(2)));
}
