// The names of options outside C#. A record's own Pass method lists its properties once, each with its name in JSON; what
// is done with them (written, read, compared) is the pass's business. So no two of these can know different properties,
// and nothing is found by reflection, which would cost every start a tenth of a second (docs/start-up.md).
namespace Unroll.Options;

/// <summary>Goes through a record's properties; a reader gives new values for them, everything else the same ones.</summary>
internal abstract class OptionsPass
{
    /// <summary>A whole number.</summary>
    /// <param name="json">The name in JSON: the command line's, in camel case.</param>
    /// <param name="property">The property's name.</param>
    /// <param name="value">Its value.</param>
    public abstract long Whole(string json, string property, long value);

    /// <summary>A whole number of 64 bits without a sign.</summary>
    public abstract ulong Seed(string json, string property, ulong value);

    /// <summary>A number; null is left out.</summary>
    public abstract double? Number(string json, string property, double? value);

    /// <summary>Yes or no.</summary>
    public abstract bool Truth(string json, string property, bool value);

    /// <summary>A text; null is left out.</summary>
    public abstract string? Words(string json, string property, string? value);

    /// <summary>A record in the record; null is left out.</summary>
    /// <param name="visit">The inner record's Pass.</param>
    public abstract T? Record<T>(string json, string property, T? value, Func<T, OptionsPass, T> visit) where T : class, new();

    /// <summary>A value that does not fit its property.</summary>
    protected abstract Exception Unusable(string json);

    /// <summary>A whole number of 32 bits.</summary>
    public int Count(string json, string property, int value) =>
        Whole(json, property, value) is >= int.MinValue and <= int.MaxValue and long count ? (int)count : throw Unusable(json);

    /// <summary>A whole number of 32 bits; null is left out.</summary>
    public int? Count(string json, string property, int? value) => Number(json, property, (double?)value) switch
    {
        null => null,
        double number when number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue => (int)number,
        _ => throw Unusable(json),
    };

    /// <summary>A number that is never null.</summary>
    public double Number(string json, string property, double value) => Number(json, property, (double?)value) ?? throw Unusable(json);

    /// <summary>One of an enumeration's names in lower case: no number, no other case, no list of names.</summary>
    public TEnum Choice<TEnum>(string json, string property, TEnum value) where TEnum : struct, Enum
    {
        string word = value.ToString().ToLowerInvariant();
        string? given = Words(json, property, word);
        if (given == word)
            return value;
        bool exists = Enum.TryParse(typeof(TEnum), given, ignoreCase: true, out object? choice);
        return exists && choice!.ToString()!.ToLowerInvariant() == given ? (TEnum)choice : throw Unusable(json);
    }

    /// <summary>A length of time, such as 00:03:00; null is left out.</summary>
    public TimeSpan? Time(string json, string property, TimeSpan? value)
    {
        string? given = Words(json, property, value?.ToString("c", System.Globalization.CultureInfo.InvariantCulture));
        return given is null ? null
            : TimeSpan.TryParseExact(given, "c", System.Globalization.CultureInfo.InvariantCulture, out TimeSpan time) ? time : throw Unusable(json);
    }
}
