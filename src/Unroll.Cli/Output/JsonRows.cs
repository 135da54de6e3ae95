namespace Unroll.Cli.Output;

/// <summary>Writes one JSON object whose first property is a long list, as it comes: an element a line.</summary>
internal sealed class JsonRows
{
    private readonly TextWriter writer;
    private bool begun;

    /// <param name="writer">Where to.</param>
    /// <param name="name">The list's name.</param>
    public JsonRows(TextWriter writer, string name)
    {
        this.writer = writer;
        writer.Write($"{{\n  \"{name}\": [");
    }

    /// <summary>Writes an element.</summary>
    /// <param name="json">It, on one line.</param>
    public void Add(string json)
    {
        writer.Write(begun ? ",\n    " : "\n    ");
        writer.Write(json);
        begun = true;
    }

    /// <summary>Ends the list, and writes what comes after it.</summary>
    /// <param name="json">An object with the properties that come after the list, one at least, indented.</param>
    public void End(string json)
    {
        writer.Write(begun ? "\n  ]," : "],");
        writer.WriteLine(json[1..]);
    }
}
