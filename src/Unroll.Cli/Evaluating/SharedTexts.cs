// Texts that ranks measure side by side: the first text is the first rank's, the second the second's, and so on. A text is read in one
// go from its first token to its last, so one text is one rank's, and its numbers are those of one machine.
using System.Globalization;
using System.Text.Json;
using Unroll.Ranks;

namespace Unroll.Cli.Evaluating;

/// <summary>Measures texts on several ranks.</summary>
internal static class SharedTexts
{
    /// <summary>What each text's measurement gave, on every rank; null where there was nothing to measure.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="texts">The texts, in the same order on every rank.</param>
    /// <param name="measure">Measures one.</param>
    public static IReadOnlyDictionary<TextSource, EvaluationResult?> Measure(
        RankGroup ranks, IReadOnlyList<(string Name, TextSource Text)> texts, Func<TextSource, EvaluationResult?> measure)
    {
        ranks.RequireSame(string.Join('\n', texts.Select(text => text.Name)), "has found other texts than the first rank: the same must lie on every machine.");
        string[] own = [.. texts.Where((_, i) => i % ranks.Count == ranks.Rank).Select(text => Write(measure(text.Text)))];
        string[][] all = [.. ranks.GatherTexts(JsonSerializer.Serialize(own)).Select(json => JsonSerializer.Deserialize<string[]>(json)!)];
        return texts.Select((text, i) => (text.Text, Result: Read(all[i % ranks.Count][i / ranks.Count]))).ToDictionary(pair => pair.Text, pair => pair.Result);
    }

    private static string Write(EvaluationResult? result) => result is null ? "" : JsonSerializer.Serialize<string[]>(
    [
        .. new[] { result.Tokens, result.Characters, result.Bytes, result.Unknown }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        .. new[] { result.Loss, result.Seconds, result.NetworkLoss ?? double.NaN }.Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
        .. result.UnknownTokens.SelectMany(unknown => new[] { unknown.Token, unknown.Count.ToString(CultureInfo.InvariantCulture) }),
    ]);

    private static EvaluationResult? Read(string json)
    {
        if (json.Length == 0)
            return null;
        string[] words = JsonSerializer.Deserialize<string[]>(json)!;
        long[] counts = [.. words[..4].Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        double[] numbers = [.. words[4..7].Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        (string, long)[] unknown = [.. words[7..].Chunk(2).Select(pair => (pair[0], long.Parse(pair[1], CultureInfo.InvariantCulture)))];
        return new EvaluationResult(counts[0], counts[1], counts[2], counts[3], unknown, numbers[0], numbers[1]) { NetworkLoss = double.IsNaN(numbers[2]) ? null : numbers[2] };
    }
}
