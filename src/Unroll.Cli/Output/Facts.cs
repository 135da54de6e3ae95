using System.Text;
using Spectre.Console;

namespace Unroll.Cli.Output;

/// <summary>Things by name, without lines around them: a name, a value on the right of its column, a note.</summary>
internal sealed class Facts
{
    private readonly List<(string Name, string Value, string Note)> rows = [];

    /// <summary>Adds a row; every line of a note begins in the note's column.</summary>
    public void Add(string name, string value, string note = "") => rows.Add((name, value, note));

    /// <summary>Adds a row that has words only.</summary>
    public void Say(string name, string words) => rows.Add((name, "", words));

    /// <summary>Writes the rows.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="width">Notes are broken between words to fit so many cells; 0 = never.</param>
    public void Write(TextWriter writer, int width = 0)
    {
        int names = rows.Max(row => row.Name.GetCellWidth());
        int values = rows.Max(row => row.Value.GetCellWidth());
        int column = names + 2 + (values > 0 ? values + 2 : 0);
        foreach ((string name, string value, string note) in rows)
        {
            string line = name + new string(' ', names - name.GetCellWidth() + 2);
            if (values > 0)
                line += new string(' ', values - value.GetCellWidth()) + value + "  ";
            string notes = width > column + 20 ? Wrap(note, width - column) : note;
            writer.WriteLine((line + notes.Replace("\n", "\n" + new string(' ', column))).TrimEnd());
        }
    }

    private static string Wrap(string text, int width)
    {
        var lines = new StringBuilder();
        int used = 0;
        foreach (string word in text.Split(' '))
        {
            int cells = word.GetCellWidth();
            if (used > 0)
            {
                bool fits = used + 1 + cells <= width;
                lines.Append(fits ? ' ' : '\n');
                used = fits ? used + 1 : 0;
            }
            lines.Append(word);
            used += cells;
        }
        return lines.ToString();
    }
}
