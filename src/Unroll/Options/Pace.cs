// How far a run has come after so many updates, 0 to 1: what its schedule and its measurements go by. A run of N updates comes
// from 0 to 1 in equal steps. A run with a time budget learns on the way how many updates it has time for, and says so anew a
// few times: from there on it goes in equal steps to the new end. These revisions are all that such a run takes from the
// clock, so with them it can be repeated anywhere.
using System.Globalization;
using System.Text;

namespace Unroll.Options;

/// <summary>The planned number of updates of a run, and how it was revised.</summary>
internal sealed class Pace
{
    /// <summary>The text of a pace without a revision.</summary>
    public const string Unrevised = "none";

    private readonly List<(long At, long Total)> revisions = [];

    /// <summary>The updates planned in all; null before that is known.</summary>
    public long? Total => revisions.Count > 0 ? revisions[^1].Total : null;

    /// <summary>A pace as <see cref="ToString"/> gives it.</summary>
    /// <returns>Null where the text is none.</returns>
    public static Pace? Parse(string text)
    {
        var pace = new Pace();
        if (text == Unrevised)
            return pace;
        foreach (string revision in text.Split(','))
        {
            string[] numbers = revision.Split(':');
            if (numbers.Length != 2 || !Whole(numbers[0], out long at) || !Whole(numbers[1], out long total)
                || total <= at || (pace.revisions.Count > 0 && at <= pace.revisions[^1].At))
                return null;
            pace.revisions.Add((at, total));
        }
        return pace;

        static bool Whole(string digits, out long number) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Plans anew.</summary>
    /// <param name="at">Updates made; more than at the last revision.</param>
    /// <param name="total">Updates in all, at least one more.</param>
    public void Revise(long at, long total) => revisions.Add((at, Math.Max(total, at + 1)));

    /// <summary>How far the run has come: 0 before the first revision, 1 at the end.</summary>
    /// <param name="updates">Updates made.</param>
    public double After(long updates)
    {
        double done = 0;
        (long from, long total) = (0, long.MaxValue);
        foreach ((long at, long next) in revisions)
        {
            if (at > updates)
                break;
            done = Advanced(at);
            (from, total) = (at, next);
        }
        return Advanced(updates);

        double Advanced(long to) => total == long.MaxValue ? done : Math.Min(1, done + (1 - done) * ((double)(to - from) / (total - from)));
    }

    /// <summary>Each revision as UPDATES:TOTAL, such as "120:9500,260:9340".</summary>
    public override string ToString()
    {
        if (revisions.Count == 0)
            return Unrevised;
        var text = new StringBuilder();
        foreach ((long at, long total) in revisions)
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{at}:{total}");
        return text.ToString();
    }
}
