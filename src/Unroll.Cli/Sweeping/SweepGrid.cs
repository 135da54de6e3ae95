// From lists of values to runs: every combination, the first option's values changing slowest; and names for the runs that say what is
// different about each.
using System.Security.Cryptography;
using System.Text;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli.Sweeping;

/// <summary>The combinations of a sweep's settings.</summary>
internal static class SweepGrid
{
    private const int MostRuns = 10_000;
    private const int LongestName = 100;

    /// <summary>The values of an option: those of a list, unless commas may belong to them.</summary>
    /// <exception cref="UsageException">One is empty.</exception>
    public static IReadOnlyList<string> Values(string option, string? takes, string text)
    {
        if (takes == "TEXT" || Path.Exists(text))
            return [text];
        string[] values = text.Split(',', StringSplitOptions.TrimEntries);
        if (values.Length > 1 && values.Any(value => value.Length == 0))
            throw new UsageException($"{option} takes a list such as 1,2,3, and one value of '{text}' is empty.");
        if (values.GroupBy(value => value).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"{option} names {twice.Key} twice.");
        return values;
    }

    /// <summary>Every combination of the options' values.</summary>
    /// <exception cref="UsageException">They are too many.</exception>
    public static IReadOnlyList<IReadOnlyList<Choice>> Combine(IReadOnlyList<(string Option, IReadOnlyList<string?> Values)> options)
    {
        double count = options.Aggregate(1.0, (product, option) => product * option.Values.Count);
        if (count > MostRuns)
            throw new UsageException(FormattableString.Invariant($"These lists make {count:#,0} runs; a sweep has {Figures.Count(MostRuns)} at most."));
        IEnumerable<IReadOnlyList<Choice>> combinations = [[]];
        foreach ((string option, IReadOnlyList<string?> values) in options)
            combinations = [.. combinations.SelectMany(begun => values.Select(value => (IReadOnlyList<Choice>)[.. begun, new Choice(option, value)]))];
        return [.. combinations];
    }

    /// <summary>The runs under their names.</summary>
    /// <exception cref="UsageException">Two are the same.</exception>
    public static IReadOnlyList<SweepRun> Name(IReadOnlyList<string> texts, IReadOnlyList<IReadOnlyList<Choice>> combinations, string folder)
    {
        string[] lines = [.. combinations.Select(choices => Invocation.Joined(Options(choices)))];
        if (lines.GroupBy(line => line).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"Two runs have the same options: {twice.Key}.");
        IReadOnlyList<Choice>[] different = [.. combinations.Select(choices => (IReadOnlyList<Choice>)
            [.. choices.Where(choice => combinations.Any(others => !others.Contains(choice)))])];
        string[] names = [.. different.Select(Name)];
        return [.. combinations.Select((choices, i) => new SweepRun
        {
            Name = names[i].Length <= LongestName && names.Count(name => string.Equals(name, names[i], StringComparison.OrdinalIgnoreCase)) == 1 ? names[i]
                : $"{names[i][..Math.Min(names[i].Length, LongestName)]}_{Hash(lines[i])}",
            Different = different[i],
            Texts = texts,
            Options = Options(choices),
            Folder = folder,
        })];
    }

    private static IReadOnlyList<string> Options(IEnumerable<Choice> choices) =>
        [.. choices.SelectMany(choice => choice.Value == null ? [choice.Option] : new[] { choice.Option, choice.Value })];

    private static string Name(IReadOnlyList<Choice> different) => different.Count == 0 ? "run"
        : string.Join('_', different.Select(choice => choice.Option[2..] + (choice.Value == null ? "" : $"-{Plain(choice.Value)}")));

    // Of a path, the file; otherwise what every system takes in a file's name.
    private static string Plain(string value) => string.Concat(
        (Path.Exists(value) ? Path.GetFileNameWithoutExtension(value) : value).Select(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '+' ? letter : '-'));

    private static string Hash(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..8];
}
