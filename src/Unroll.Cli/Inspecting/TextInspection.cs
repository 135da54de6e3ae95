using System.Globalization;
using Spectre.Console;
using Unroll.Cli.Output;
using Unroll.Data.Tokens;

namespace Unroll.Cli.Inspecting;

/// <summary>What is in a text: counts, the most frequent tokens, and how large a model suits it.</summary>
internal sealed class TextInspection(string name, TextStatistics statistics, int minCount, IReadOnlyList<string> words)
{
    private const int BarWidth = 30;

    private readonly Vocabulary vocabulary = statistics.Vocabulary;
    private readonly Tokenization kind = Tokenization.Of(statistics.Vocabulary.Text);

    /// <summary>The counts for other programs.</summary>
    public TextJson Json(int top) => new(
        "text", statistics.Characters, statistics.Tokens, vocabulary.Count,
        [.. MostFrequent(top).Select(token => new TokenJson(token.Token, token.Id, token.Count))]);

    /// <summary>The counts for people.</summary>
    public void Write(Terminal terminal, int top)
    {
        var facts = new Facts();
        facts.Add("characters", Figures.Count(statistics.Characters));
        facts.Add("bytes", Figures.Count(statistics.Bytes), "as UTF-8");
        facts.Add("tokens", Figures.Count(statistics.Tokens), kind.Description);
        facts.Add("vocabulary", Figures.Count(vocabulary.Count), $"with {Vocabulary.UnknownToken} for what is not in it");
        if (statistics.Counts[Vocabulary.UnknownId] is > 0 and long unknown)
            facts.Add("unknown", Figures.Count(unknown), $"tokens seen fewer than {minCount} times");
        terminal.Out.WriteLine(name);
        facts.Write(terminal.Out, terminal.OutWidth);
        if (top > 0)
            WriteTable(terminal, top);
        terminal.Out.WriteLine(Zipf());
        terminal.Out.WriteLine(Advice());
    }

    private IEnumerable<(string Token, int Id, long Count)> MostFrequent(int top) =>
        statistics.Counts.Select((count, id) => (vocabulary[id], id, count)).Where(token => token.count > 0)
            .OrderByDescending(token => token.count).ThenBy(token => token.id).Take(top);

    private void WriteTable(Terminal terminal, int top)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("token").AddColumn(new TableColumn("id").RightAligned()).AddColumn(new TableColumn("count").RightAligned())
            .AddColumn(new TableColumn("share").RightAligned()).AddColumn("");
        long most = MostFrequent(1).First().Count;
        foreach ((string token, int id, long count) in MostFrequent(top))
        {
            table.AddRow(
                new Text(VisibleText.Token(token)), new Text(id.ToString(CultureInfo.InvariantCulture)), new Text(Figures.Count(count)),
                new Text(Figures.Percent((double)count / statistics.Tokens)), new Text(Bar((double)count / most), Terminal.Bright));
        }
        terminal.OutConsole.Write(table);
    }

    // Eighths of a cell, so that small differences show.
    private static string Bar(double fraction)
    {
        int eighths = (int)Math.Round(fraction * BarWidth * 8);
        return new string('█', eighths / 8) + (eighths % 8 > 0 ? "▏▎▍▌▋▊▉"[eighths % 8 - 1].ToString() : "");
    }

    // The slope of log count over log rank, by least squares over the ranks that have a count of their own.
    private string Zipf()
    {
        (double X, double Y)[] points = [.. statistics.Counts.Where(count => count > 0).OrderDescending().Take(1000)
            .Select((count, rank) => (Math.Log(rank + 1), Math.Log(count)))];
        if (points.Length < 10)
            return "There are too few different tokens to see Zipf's law.";
        (double x, double y) = (points.Average(point => point.X), points.Average(point => point.Y));
        double slope = points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
        return FormattableString.Invariant($"The count falls with the rank to the power {slope:0.00} over the first {points.Length} tokens")
            + (kind.IsWordByWord ? " (Zipf's law for words: about -1)." : ".");
    }

    private string Advice()
    {
        if (statistics.Tokens < 2000)
            return "This is very little text to learn from: a model needs some 10,000 tokens, better a million. "
                + "Try --batch 4 --sequence-length 16 --hidden 32.";
        // About as many parameters as tokens: fewer learn too little, many more learn the text by heart.
        int hidden = new[] { 1024, 768, 512, 384, 256, 128 }.FirstOrDefault(size => Parameters(size, Embedding(size)) <= 1.5 * statistics.Tokens, 64);
        int embedding = Embedding(hidden);
        string[] options =
        [
            .. vocabulary.Text.Tokens == new TextOptions().Tokens ? (string[])[] : ["--tokens", vocabulary.Text.Tokens.ToString().ToLowerInvariant()],
            "--hidden", $"{hidden}", .. embedding > 0 ? (string[])["--embedding", $"{embedding}"] : [],
        ];
        string advice = $"An LSTM of {hidden} units ({Figures.Count(Parameters(hidden, embedding))} parameters) suits this much text:\n"
            + $"  {Invocation.CommandLine("train", words, options)}";
        long rare = statistics.Counts.Skip(1).LongCount(count => count == 1);
        if (vocabulary.Count > 1000 && rare > vocabulary.Count / 4)
            advice += $"\n{Figures.Count(rare)} tokens occur only once; --min-count 2 makes them {Vocabulary.UnknownToken} and the model smaller.";
        return advice;
    }

    private int Embedding(int hidden) => vocabulary.Count > 1000 ? Math.Min(128, hidden) : 0;

    private long Parameters(int hidden, int embedding) =>
        global::Unroll.Parameters.Layout(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = hidden, EmbeddingSize = embedding }, vocabulary.Count)
            .Sum(tensor => tensor.Count);
}
