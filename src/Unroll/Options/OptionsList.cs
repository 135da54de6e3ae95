using System.Globalization;

namespace Unroll.Options;

/// <summary>Lists a record's properties: what they are called, and how two records of a kind differ.</summary>
internal sealed class OptionsList : OptionsPass
{
    private readonly List<(string Property, string Json, string Value)> values = [];

    private OptionsList()
    {
    }

    /// <summary>The differences, such as "LearningRate was 0.002, now 0.01".</summary>
    public static IEnumerable<Sentence> Between<T>(T was, T now, Func<T, OptionsPass, T> visit)
    {
        foreach (((string property, _, string before), (_, _, string after)) in Values(was, visit).Zip(Values(now, visit)))
        {
            if (before != after)
                yield return $"{new PropertyName(property)} was {before}, now {after}";
        }
    }

    /// <summary>The properties with their names in JSON.</summary>
    public static IEnumerable<(string Property, string Json)> Names<T>(T record, Func<T, OptionsPass, T> visit) =>
        Values(record, visit).Select(value => (value.Property, value.Json));

    public override long Whole(string json, string property, long value) => Add(json, property, value);

    public override ulong Seed(string json, string property, ulong value) => Add(json, property, value);

    public override double? Number(string json, string property, double? value) => Add(json, property, value);

    public override bool Truth(string json, string property, bool value) => Add(json, property, value);

    public override string? Words(string json, string property, string? value) => Add(json, property, value);

    public override T? Record<T>(string json, string property, T? value, Func<T, OptionsPass, T> visit) where T : class =>
        value is null ? null : visit(value, this);

    protected override Exception Unusable(string json) => new InvalidOperationException($"{json} cannot be compared.");

    private static List<(string Property, string Json, string Value)> Values<T>(T record, Func<T, OptionsPass, T> visit)
    {
        var all = new OptionsList();
        visit(record, all);
        return all.values;
    }

    private T Add<T>(string json, string property, T value)
    {
        string text = value is bool truth ? truth ? "on" : "off" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        values.Add((property, json, text.Length == 0 ? "none" : text));
        return value;
    }
}
