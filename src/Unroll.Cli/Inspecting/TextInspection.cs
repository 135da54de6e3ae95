using System.Globalization;
using Spectre.Console;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Data.Tokens;
using Unroll.Training;

namespace Unroll.Cli.Inspecting;

/// <summary>What is in a text: counts, the most frequent tokens, and what training would make of it.</summary>
internal sealed class TextInspection(string name, TextStatistics statistics, TextAdvice advice, CorpusOptions part, IReadOnlyList<string> words)
{
    private const int BarWidth = 30;

    private readonly Vocabulary vocabulary = statistics.Vocabulary;
    private readonly Tokenization kind = statistics.Vocabulary.Tokenization;

    /// <summary>The counts for other programs.</summary>
    public TextJson Json(int top) => new(
        "text", statistics.Characters, statistics.Tokens, vocabulary.Count,
        [.. MostFrequent(top).Select(token => new TokenJson(token.Token, token.Id, token.Count))],
        [.. advice.Rows.Select(row => new AdviceJson(row.Budget.TotalSeconds, row.Networks, row.Units, row.Passes))], advice.CountsLoss);

    /// <summary>The counts for people.</summary>
    public void Write(Terminal terminal, int top)
    {
        var facts = new Facts();
        facts.Add("characters", Figures.Count(statistics.Characters));
        facts.Add("bytes", Figures.Count(statistics.Bytes), "as UTF-8");
        facts.Add("tokens", Figures.Count(statistics.Tokens), kind.Description);
        facts.Add("vocabulary", Figures.Count(vocabulary.Count), $"with {Vocabulary.UnknownToken} for what is not in it");
        if (statistics.Counts[Vocabulary.UnknownId] is > 0 and long unknown)
            facts.Add("unknown", Figures.Count(unknown), $"tokens seen fewer than {part.MinCount} times");
        terminal.Out.WriteLine(name);
        facts.Write(terminal.Out, terminal.OutWidth);
        if (top > 0)
            WriteTable(terminal, top);
        terminal.Out.WriteLine(Zipf());
        Advise(terminal);
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

    private void Advise(Terminal terminal)
    {
        string[] options = vocabulary.Text.Tokens == new TextOptions().Tokens ? [] : ["--tokens", vocabulary.Text.Tokens.ToString().ToLowerInvariant()];
        if (vocabulary.Text.Documents != DocumentKind.None)
            options = [.. options, "--documents", vocabulary.Text.Documents.ToString().ToLowerInvariant()];
        if (part.VocabularySize is int size)
            options = [.. options, "--vocabulary", $"{size}"];
        if (statistics.Tokens < 2000)
        {
            terminal.Out.WriteLine("This is very little text to learn from: a model needs some 10,000 tokens, better a million. It takes seconds:");
            terminal.Out.WriteLine($"  {Invocation.CommandLine("train", words, options)}");
            return;
        }
        terminal.Out.WriteLine($"What a model could be by then on this machine ({Device.Describe(threads: 0)}):");
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn("--budget").AddColumn("networks").AddColumn(new TableColumn("units").RightAligned())
            .AddColumn(new TableColumn("each reads the text").RightAligned());
        foreach (TextAdvice.Row row in advice.Rows)
        {
            string[] cells = [Value.Text(row.Budget), $"{row.Networks}", $"{row.Units}", FormattableString.Invariant($"{row.Passes:0.#} times")];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
        terminal.OutConsole.Write(table);
        terminal.Out.WriteLine(advice.CountsLoss is double loss ? Expected(loss) : "It is too long to be counted here for a guess at the loss.");
        terminal.Out.WriteLine($"  {Invocation.CommandLine("train", words, [.. options, "--budget", "3m"])}");
        long rare = statistics.Counts.Skip(1).LongCount(count => count == 1);
        if (!kind.IsLearned && RunAdvice.AreMany(vocabulary.Count) && rare > vocabulary.Count / 4)
            terminal.Out.WriteLine($"{Figures.Count(rare)} tokens occur only once; --min-count 2 makes them {Vocabulary.UnknownToken} and the model smaller.");
    }

    // Counts predict about as well as a network of half a minute; what minutes add to that was much the same on all texts.
    private static string Expected(double counts) => FormattableString.Invariant(
        $"Counts alone predict its last tenth at {counts:0.00} nats a token (perplexity {Math.Exp(counts):0.0}); runs of one to fifteen minutes have ended at {counts * 0.90:0.00} to {counts * 0.97:0.00}.");
}
