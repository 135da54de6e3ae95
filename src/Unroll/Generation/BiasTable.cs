using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Unroll.Generation;

/// <summary>Numbers by token, equal to others with the same ones: options that hold them stay immutable and comparable.</summary>
internal sealed class BiasTable(IEnumerable<KeyValuePair<int, double>> entries) : IReadOnlyDictionary<int, double>, IEquatable<BiasTable>
{
    /// <summary>No numbers.</summary>
    public static BiasTable Empty { get; } = new([]);

    private readonly SortedDictionary<int, double> biases = new(new Dictionary<int, double>(entries ?? throw new ArgumentNullException(nameof(entries))));

    public int Count => biases.Count;

    public IEnumerable<int> Keys => biases.Keys;

    public IEnumerable<double> Values => biases.Values;

    public double this[int key] => biases[key];

    public bool ContainsKey(int key) => biases.ContainsKey(key);

    public bool TryGetValue(int key, [MaybeNullWhen(false)] out double value) => biases.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<int, double>> GetEnumerator() => biases.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(BiasTable? other) => other is not null && biases.SequenceEqual(other.biases);

    public override bool Equals(object? obj) => Equals(obj as BiasTable);

    public override int GetHashCode() => biases.Aggregate(0, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", biases.Select(entry => $"{entry.Key}: {entry.Value}"))}]";
}
