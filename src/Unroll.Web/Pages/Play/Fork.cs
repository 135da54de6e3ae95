using System.Globalization;

namespace Unroll.Web.Pages.Play;

/// <summary>A place where another token stands than the one that was written.</summary>
/// <param name="At">Which token of the text, from 0.</param>
/// <param name="Token">The id of the one that stands there.</param>
internal readonly record struct Fork(int At, int Token)
{
    /// <summary>Reads a path, such as <c>12.45-80.7</c>; of one that makes no sense, the part that does.</summary>
    public static IReadOnlyList<Fork> ParsePath(string path)
    {
        var forks = new List<Fork>();
        foreach (string word in path.Split('-', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] numbers = word.Split('.');
            if (numbers.Length != 2
                || !int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int at)
                || !int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int token)
                || (forks.Count > 0 && at <= forks[^1].At))
                break;
            forks.Add(new Fork(at, token));
        }
        return forks;
    }

    /// <summary>Writes a path.</summary>
    public static string PathOf(IEnumerable<Fork> forks) => string.Join('-', forks.Select(fork => FormattableString.Invariant($"{fork.At}.{fork.Token}")));
}
