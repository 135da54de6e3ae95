// How fast a text appears that is meant to be read: so many characters a second, however often somebody looks, and however unevenly
// the model writes.
namespace Unroll.Web.Pages.Play;

/// <summary>Says how much of a text is to be seen by now.</summary>
/// <param name="clock">The clock.</param>
internal sealed class ReadingPace(TimeProvider clock)
{
    /// <summary>Characters a second: faster than most people read.</summary>
    public const int CharactersPerSecond = 40;

    private long last = clock.GetTimestamp();
    private double due; // characters that may appear

    /// <summary>Moves on.</summary>
    /// <param name="tokens">What has been written.</param>
    /// <param name="shown">How many of these tokens are seen.</param>
    /// <returns>How many are to be seen now.</returns>
    public int Advance(IReadOnlyList<GeneratedToken> tokens, int shown)
    {
        long now = clock.GetTimestamp();
        due += clock.GetElapsedTime(last, now).TotalSeconds * CharactersPerSecond;
        last = now;
        while (shown < tokens.Count && due >= tokens[shown].Text.Length)
            due -= tokens[shown++].Text.Length;
        if (shown == tokens.Count)
            due = Math.Min(due, 1); // time in which there was nothing to show is not made up for
        return shown;
    }
}
