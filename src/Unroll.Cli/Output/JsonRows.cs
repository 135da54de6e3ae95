// One JSON object whose first property is a long list, written as it comes, an element a line: nobody holds the list. Whatever happens on
// the way, what has been written is one whole object or nothing.
using System.Text.Json;

namespace Unroll.Cli.Output;

/// <summary>Writes such an object.</summary>
internal static class JsonRows
{
    /// <summary>Writes the list and what comes after it. If the list breaks off, its reason comes there, as <c>error</c>, and goes on to the
    /// caller; nothing is written if it does so before its first element.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">The list's name.</param>
    /// <param name="rows">The elements, each on one line.</param>
    /// <param name="end">Makes an object with the properties that come after the list, one at least, indented.</param>
    /// <exception cref="UnrollException">The list has broken off.</exception>
    public static void Write(TextWriter writer, string name, IEnumerable<string> rows, Func<string> end)
    {
        bool begun = false;
        try
        {
            foreach (string row in rows)
            {
                writer.Write(begun ? ",\n    " : $"{{\n  \"{name}\": [\n    ");
                begun = true;
                writer.Write(row);
            }
        }
        catch (UnrollException mistake) when (begun)
        {
            End(JsonSerializer.Serialize(new BrokenOffJson(mistake.Describe(Flags.Of)), JsonOutput.Readable.BrokenOffJson));
            throw;
        }
        if (!begun)
            writer.Write($"{{\n  \"{name}\": [");
        End(end());

        void End(string json)
        {
            writer.Write(begun ? "\n  ]," : "],");
            writer.WriteLine(json[1..]);
        }
    }
}
