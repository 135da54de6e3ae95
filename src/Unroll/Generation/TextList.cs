using System.Collections;

namespace Unroll.Generation;

/// <summary>Texts in an order, equal to others with the same texts: options that hold them stay immutable and comparable.</summary>
internal sealed class TextList(IEnumerable<string> texts) : IReadOnlyList<string>, IEquatable<TextList>
{
    /// <summary>No texts.</summary>
    public static TextList Empty { get; } = new([]);

    private readonly string[] texts = [.. texts ?? throw new ArgumentNullException(nameof(texts))];

    public int Count => texts.Length;

    public string this[int index] => texts[index];

    public IEnumerator<string> GetEnumerator() => texts.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(TextList? other) => other is not null && texts.SequenceEqual(other.texts);

    public override bool Equals(object? obj) => Equals(obj as TextList);

    public override int GetHashCode() => texts.Aggregate(0, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", texts)}]";
}
