// `evaluate --per-line`: every line by itself, the oddest first. A line is odd by the bits that it takes beyond those that the model
// expected (TextScore.Oddness): neither its length nor random numbers that are always there make it odd.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Output;
using Unroll.Ranks;

namespace Unroll.Cli.Evaluating;

/// <summary>Scores the lines of a text and shows the oddest.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="top">How many lines to show; 0 = all, in their order.</param>
/// <param name="ranks">The ranks that share the lines, each of which shows the same to its own terminal; null = this process alone.</param>
internal sealed class LineReport(Terminal terminal, int top, RankGroup? ranks)
{
    /// <summary>Cells of a line that are shown where nothing else limits them.</summary>
    private const int MostCells = 400;

    /// <summary>Rows that ranks bring together at a time.</summary>
    private const int Together = 256;

    // Of the first rank's terminal, where people look.
    private readonly bool colours = ranks.Decide(terminal.OutHasColours);
    private readonly int width = (int)ranks.Decide((double)terminal.OutWidth);

    private long lines, tokens, characters, bytes, unknown;
    private double totalLoss;

    /// <summary>Shows a text's lines as a table.</summary>
    public void Write(TextScorer scorer, TextSource text, CountingLine progress)
    {
        long start = Stopwatch.GetTimestamp();
        IEnumerable<string> rows = Rows(scorer, text, progress, Row);
        string head = $"{"oddness",8}  {"bits",8}  {"expected",8}  {"line",8}\n";
        foreach (string row in rows)
        {
            terminal.Out.WriteLine(head + row);
            head = "";
        }
        terminal.Out.Write(head); // where there is no line
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
        JsonRows.Write(terminal.Out, "lines", Rows(scorer, text, progress, line => JsonSerializer.Serialize(Json(line), JsonOutput.Compact.LineJson)), () =>
        {
            EvaluationResult whole = Whole(Stopwatch.GetElapsedTime(start).TotalSeconds);
            return JsonSerializer.Serialize(new LinesJson(lines, WholeText.Json(whole)), JsonOutput.Readable.LinesJson);
        });
    }

    // All lines as they are scored; or the oddest, when all are.
    private IEnumerable<string> Rows(TextScorer scorer, TextSource text, CountingLine progress, Func<LineScore, string> show)
    {
        IEnumerable<IReadOnlyList<LineScore>> blocks = scorer.ScoreShares(text, ranks?.Rank ?? 0, ranks?.Count ?? 1, top == 0 ? null : progress, CancellationToken.None);
        if (top == 0)
            return blocks.SelectMany(own => SharedRows.Gather(ranks, own.Select(line => new LineRow(line.Number, line.Score, show(line))))).Select(row => Count(row).Text);
        var oddest = new OddestLines<LineScore>(top);
        foreach (IReadOnlyList<LineScore> own in blocks)
        {
            foreach (LineRow row in SharedRows.Gather(ranks, own.Select(line => new LineRow(line.Number, line.Score, ""))))
                Count(row);
            foreach (LineScore line in own)
                oddest.Add(line.Number, line.Score.Oddness, line);
        }
        progress.Dispose(); // the results may come to the same screen
        IEnumerable<LineRow> rows = oddest.Take().Select(line => new LineRow(line.Number, line.Score, show(line)));
        return (ranks is null ? rows : OddestOfAll([.. rows])).Select(row => row.Text);
    }

    private LineRow Count(LineRow row)
    {
        TextScore score = row.Score;
        lines++;
        (tokens, characters, bytes, unknown) = (tokens + score.Tokens, characters + score.Characters, bytes + score.Bytes, unknown + score.Unknown);
        totalLoss += score.TotalLoss;
        return row;
    }

    // Each rank has kept its own oddest.
    private IReadOnlyList<LineRow> OddestOfAll(LineRow[] own)
    {
        var oddest = new OddestLines<LineRow>(top);
        int before = -1;
        for (int first = 0, all = 0; all > before; first += Together)
        {
            before = all;
            foreach (LineRow row in SharedRows.Gather(ranks, own.Skip(first).Take(Together)))
            {
                oddest.Add(row.Number, row.Score.Oddness, row);
                all++;
            }
        }
        return oddest.Take();
    }

    private EvaluationResult Whole(double seconds) => new(tokens, characters, bytes, unknown, [], tokens == 0 ? 0 : totalLoss / tokens, seconds);

    private string Row(LineScore line)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"{line.Score.Oddness,8:0.00}  {line.Score.Bits,8:0.0}  {line.Score.Bits - line.Score.ExcessBits,8:0.0}  {line.Number,8}  ");
        var text = new MarkedText(line.Tokens);
        if (colours)
            return prefix + text.Coloured(MostCells);
        // Signs stand below what they mean only if the line is not broken.
        int room = width > 0 ? Math.Max(20, width - prefix.Length) : MostCells;
        (string plain, string signs) = text.Plain(room);
        string row = (prefix + plain).TrimEnd();
        return signs.Length > 0 ? $"{row}\n{new string(' ', prefix.Length)}{signs}" : row;
    }

    private LineJson Json(LineScore line) => new(
        line.Number, JsonOutput.Finite(line.Score.Oddness), JsonOutput.Finite(line.Score.Bits),
        JsonOutput.Finite(line.Score.Bits - line.Score.ExcessBits), line.Score.Tokens, line.Score.Characters,
        line.Score.Bytes, line.Score.Unknown, string.Concat(line.Tokens.Select(token => token.Text)).TrimEnd('\n'),
        line.FirstToken, top == 0 ? null : [.. line.Tokens.Select(TokenBits)]);

    private static TokenBitsJson TokenBits(TokenPrediction token) =>
        new(token.Text, JsonOutput.Finite(token.Loss / Math.Log(2)), JsonOutput.Finite(token.Entropy / Math.Log(2)));
}
