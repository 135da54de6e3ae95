// Scored tokens on one line, the odd ones marked: by colour where there is any, by signs below them elsewhere.
using System.Text;
using Spectre.Console;
using Unroll.Cli.Output;

namespace Unroll.Cli.Evaluating;

/// <summary>A line of text whose tokens were predicted.</summary>
internal sealed class MarkedText
{
    /// <summary>Bits beyond those expected from which on a token is odd: 16 times less likely than what the model expected.</summary>
    public const double Odd = 4;

    /// <summary>From here on it is very odd: 256 times.</summary>
    public const double VeryOdd = 8;

    private const string Cut = "…";

    // Of what is not odd, odd, very odd.
    private static readonly string[] Colours = ["\e[0m", "\e[0;33m", "\e[1;31m"];

    private readonly List<(string Text, int Cells, double Excess)> pieces = [];

    /// <param name="tokens">The tokens; bytes that make a character together are one piece.</param>
    public MarkedText(IEnumerable<TokenPrediction> tokens)
    {
        double excess = 0;
        foreach (TokenPrediction token in tokens)
        {
            excess += (token.Loss - token.Entropy) / Math.Log(2);
            // That a line ends is worth a sign only where nobody expected it.
            string text = token.Text == "\n" && excess < Odd ? "" : VisibleText.Line(token.Text);
            if (text.Length == 0 && token.Text.Length == 0)
                continue;
            pieces.Add((text, text.GetCellWidth(), excess));
            excess = 0;
        }
    }

    /// <summary>A text in the colour of its oddness.</summary>
    public static string Coloured(string text, double excess) => Level(excess) == 0 ? text : $"{Colours[Level(excess)]}{text}{Colours[0]}";

    /// <summary>The text, coloured.</summary>
    /// <param name="most">Cells at most: of a longer text the oddest stretch.</param>
    public string Coloured(int most)
    {
        var line = new StringBuilder();
        int shown = 0;
        foreach ((string text, _, double excess) in Stretch(most))
        {
            int level = Level(excess);
            if (level != shown)
                line.Append(Colours[level]);
            shown = level;
            line.Append(text);
        }
        return line.Append(shown == 0 ? "" : Colours[0]).ToString();
    }

    /// <summary>The text, and the signs below it: ^ below what is very odd, ~ below what is odd, nothing where nothing is.</summary>
    /// <param name="most">As above.</param>
    public (string Text, string Signs) Plain(int most)
    {
        var (line, signs) = (new StringBuilder(), new StringBuilder());
        foreach ((string text, int cells, double excess) in Stretch(most))
        {
            line.Append(text);
            signs.Append(" ~^"[Level(excess)], cells);
        }
        return (line.ToString(), signs.ToString().TrimEnd());
    }

    private static int Level(double excess) => excess >= VeryOdd ? 2 : excess >= Odd ? 1 : 0;

    // The stretch of so many cells with the most bits beyond those expected, the first of equals; signs where it is cut.
    private List<(string Text, int Cells, double Excess)> Stretch(int most)
    {
        if (pieces.Sum(piece => piece.Cells) <= most)
            return pieces;
        int room = most - 2, cells = 0, first = 0, best = 0, bestEnd = 0;
        double sum = 0, bestSum = double.NegativeInfinity;
        for (int end = 0; end < pieces.Count; end++)
        {
            (cells, sum) = (cells + pieces[end].Cells, sum + pieces[end].Excess);
            for (; cells > room && first < end; first++)
                (cells, sum) = (cells - pieces[first].Cells, sum - pieces[first].Excess);
            if (sum > bestSum + 1e-9)
                (best, bestEnd, bestSum) = (first, end + 1, sum);
        }
        // What is left of the room goes to what stands before and after.
        cells = pieces[best..bestEnd].Sum(piece => piece.Cells);
        for (; best > 0 && cells + pieces[best - 1].Cells <= room; best--)
            cells += pieces[best - 1].Cells;
        for (; bestEnd < pieces.Count && cells + pieces[bestEnd].Cells <= room; bestEnd++)
            cells += pieces[bestEnd].Cells;
        List<(string, int, double)> stretch = pieces[best..bestEnd];
        if (best > 0)
            stretch.Insert(0, (Cut, 1, 0));
        if (bestEnd < pieces.Count)
            stretch.Add((Cut, 1, 0));
        return stretch;
    }
}
