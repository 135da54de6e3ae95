using System.Globalization;

namespace Unroll.Cli.Arguments;

/// <summary>Reads the values of options; a value that does not fit is a <see cref="UsageException"/> that says what does.</summary>
internal static class Value
{
    /// <summary>A whole number.</summary>
    public static long Whole(string option, string text, long least, long most = long.MaxValue)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most)
            return number;
        // Where nobody comes near the upper bound, only who has passed it is told.
        bool tooMuch = double.TryParse(text, CultureInfo.InvariantCulture, out double size) && size > most;
        throw new UsageException(most < int.MaxValue || tooMuch
            ? $"{option} takes a whole number from {least} to {most}, not '{text}'."
            : $"{option} takes a whole number of at least {least}, not '{text}'.");
    }

    /// <summary>A whole number that fits 32 bits.</summary>
    public static int Count(string option, string text, int least, int most = int.MaxValue) => (int)Whole(option, text, least, most);

    /// <summary>A seed: any whole number of 64 bits without a sign.</summary>
    public static ulong Seed(string option, string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw new UsageException($"{option} takes a whole number from 0 to {ulong.MaxValue}, not '{text}'.");

    /// <summary>A number, perhaps with a fraction or an exponent.</summary>
    public static double Number(string option, string text, double least, double most = double.PositiveInfinity, bool mostIncluded = true)
    {
        bool fits = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) && number >= least && (mostIncluded ? number <= most : number < most);
        if (fits)
            return number;
        string upper = double.IsInfinity(most) ? "" : mostIncluded ? $" and at most {Text(most)}" : $" and less than {Text(most)}";
        throw new UsageException($"{option} takes a number of at least {Text(least)}{upper}, not '{text}'.");
    }

    /// <summary>One of an enumeration's names, in any case.</summary>
    public static T Choice<T>(string option, string text) where T : struct, Enum
    {
        foreach (T choice in Enum.GetValues<T>())
        {
            if (string.Equals(choice.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return choice;
        }
        string[] names = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        throw new UsageException($"{option} takes {string.Join(", ", names[..^1])} or {names[^1]}, not '{text}'.");
    }

    /// <summary>on or off, in any case.</summary>
    public static bool Switch(string option, string text) => text.ToLowerInvariant() switch
    {
        "on" => true,
        "off" => false,
        _ => throw new UsageException($"{option} takes on or off, not '{text}'."),
    };

    /// <summary>A number of bytes such as 500kB, 20MB or 1.5GB.</summary>
    public static long Bytes(string option, string text)
    {
        foreach ((string unit, double bytes) in (ReadOnlySpan<(string, double)>)[("kB", 1e3), ("MB", 1e6), ("GB", 1e9)])
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * bytes is >= 1 and < 1e18)
                return (long)(number * bytes);
        }
        throw new UsageException($"{option} takes a size such as 500kB, 20MB or 1.5GB, not '{text}'.");
    }

    /// <summary>A length of time such as 90s, 3m, 1h30m or 2d.</summary>
    public static TimeSpan Time(string option, string text)
    {
        double seconds = 0;
        int start = 0;
        for (int end = 0; end < text.Length; end++)
        {
            double unit = text[end] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
            if (unit == 0)
                continue;
            ReadOnlySpan<char> digits = text.AsSpan(start, end - start);
            if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                throw Wrong();
            seconds += number * unit;
            start = end + 1;
        }
        bool sensible = start == text.Length && seconds > 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2;
        return sensible ? TimeSpan.FromSeconds(seconds) : throw Wrong();

        UsageException Wrong() => new($"{option} takes a length of time such as 90s, 3m or 1h30m, not '{text}'.");
    }

    /// <summary>A number as one would type it.</summary>
    public static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A length of time as one would type it.</summary>
    public static string Text(TimeSpan time)
    {
        double seconds = time.Seconds + (time.Milliseconds / 1000.0);
        return Part(time.Days, "d") + Part(time.Hours, "h") + Part(time.Minutes, "m") + Part(seconds, "s");

        static string Part(double number, string unit) => number > 0 ? Text(number) + unit : "";
    }
}
