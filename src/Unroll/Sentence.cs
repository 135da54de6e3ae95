using System.Globalization;
using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>A sentence for people, made of an interpolated string: its numbers read the same in every culture, and the names of
/// options in it can be said in another way later. Sentences may be parts of sentences; a list of them is told with semicolons.</summary>
[InterpolatedStringHandler]
internal sealed class Sentence
{
    private readonly List<(object? Value, string? Format)> parts = [];

    // The compiler's way to say how much text and how many values will come.
    public Sentence(int literalLength, int formattedCount)
    {
    }

    /// <summary>A sentence that is needed only where something does not hold: elsewhere nothing is put together.</summary>
    public Sentence(int literalLength, int formattedCount, bool holds, out bool append) : this(literalLength, formattedCount) => append = !holds;

    /// <summary>The properties it names, in order.</summary>
    public IEnumerable<string> Properties => parts.SelectMany(part => part.Value switch
    {
        PropertyName property => [property.Name],
        Sentence sentence => sentence.Properties,
        IEnumerable<Sentence> sentences => sentences.SelectMany(sentence => sentence.Properties),
        _ => Enumerable.Empty<string>(),
    });

    public void AppendLiteral(string text) => parts.Add((text, null));

    public void AppendFormatted<T>(T value, string? format = null) => parts.Add((value, format));

    /// <summary>The text, with other names for options' properties.</summary>
    public string Say(Func<string, string> name) => string.Concat(parts.Select(part => part.Value switch
    {
        PropertyName property => name(property.Name),
        Sentence sentence => sentence.Say(name),
        IEnumerable<Sentence> sentences => string.Join("; ", sentences.Select(sentence => sentence.Say(name))),
        IFormattable value => value.ToString(part.Format, CultureInfo.InvariantCulture),
        object value => value.ToString(),
        null => "",
    }));

    public override string ToString() => Say(name => name);
}
