using System.Globalization;

namespace Unroll.Cli.Output;

/// <summary>Numbers as a person reads them.</summary>
internal static class Figures
{
    /// <summary>A whole number with its thousands apart.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A perplexity: more digits where they matter.</summary>
    public static string Perplexity(double perplexity) => perplexity switch
    {
        < 100 => perplexity.ToString("0.00", CultureInfo.InvariantCulture),
        < 1e6 => perplexity.ToString("N0", CultureInfo.InvariantCulture),
        double.PositiveInfinity => "∞",
        _ => perplexity.ToString("0.0e0", CultureInfo.InvariantCulture),
    };

    /// <summary>A loss or a number of bits.</summary>
    public static string Precise(double number) => number.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>A speed in tokens per second.</summary>
    public static string Speed(double tokensPerSecond) => $"{Count((long)Math.Round(tokensPerSecond))} tokens/s";

    /// <summary>A share of the whole.</summary>
    public static string Percent(double fraction) => (100 * fraction).ToString(fraction < 0.0995 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A length of time as m:ss or h:mm:ss.</summary>
    public static string Time(double seconds)
    {
        long whole = (long)Math.Clamp(Math.Round(seconds), 0, 1e12);
        return whole < 3600 ? $"{whole / 60}:{whole % 60:00}" : $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}";
    }

    /// <summary>A size in bytes.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{Count(bytes)} bytes",
        < 1_000_000 => $"{bytes / 1e3:0} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.0} MB",
        _ => $"{bytes / 1e9:0.0} GB",
    };
}
