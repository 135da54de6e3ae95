// Looks through a text that may be as long as a book for the places at which the units of a selection are on. It is read piece by piece,
// so that one piece's activations are in memory at a time, and for as long as somebody can be expected to wait.
namespace Unroll.Web.Pages.Inside;

/// <summary>What has been found, and where it was looked for.</summary>
/// <param name="Places">The best places, as <see cref="UnitSelection.FindAlike"/> orders them.</param>
/// <param name="Searched">How many characters have been read.</param>
/// <param name="Characters">How many there are.</param>
/// <param name="Pieces">In how many pieces.</param>
internal sealed record AlikeSearch(IReadOnlyList<AlikePlace> Places, int Searched, int Characters, int Pieces)
{
    private const int MostPlaces = 20, LongestPiece = 4000, Around = 15;

    /// <summary>Whether the time was enough for all of it.</summary>
    public bool IsWhole => Searched == Characters;

    /// <summary>Searches a text.</summary>
    /// <param name="selection">The units, and what they did.</param>
    /// <param name="reader">A reader of the same network.</param>
    /// <param name="text">The text.</param>
    /// <param name="time">After how long no other piece is begun.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UnrollException">The network is too large for a piece.</exception>
    public static AlikeSearch Find(UnitSelection selection, UnitReader reader, string text, TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        AlikePlace[] best = [];
        int done = 0, pieces = 0, line = 1;
        while (done < text.Length && clock.GetElapsedTime(start) < time)
        {
            string piece = text[done..EndOfPiece(text, done)];
            UnitTrace trace = reader.Read(piece, cancellationToken);
            IEnumerable<AlikePlace> found = selection.FindAlike(trace, MostPlaces, cancellationToken)
                .Select(match => new AlikePlace(Describe(trace, match), line + Lines(trace, match.From), match.UnitsOn, match.Distance));
            best = [.. best.Concat(found).OrderByDescending(place => place.UnitsOn).ThenBy(place => place.Distance).Take(MostPlaces)];
            (done, pieces, line) = (done + piece.Length, pieces + 1, line + piece.Count(letter => letter == '\n'));
        }
        return new AlikeSearch(best, done, text.Length, pieces);
    }

    /// <summary>A place of a text in brackets, and a little of what stands around it.</summary>
    public static string Describe(UnitTrace trace, StretchMatch place)
    {
        string Text(int from, int to) => string.Concat(trace.Tokens.Skip(from).Take(to - from).Select(token => token.Text)).Replace('\n', '↵');
        return $"{Text(Math.Max(0, place.From - Around), place.From)}[{Text(place.From, place.To)}]{Text(place.To, Math.Min(trace.Tokens.Count, place.To + Around))}";
    }

    private static int Lines(UnitTrace trace, int before) => trace.Tokens.Take(before).Sum(token => token.Text.Count(letter => letter == '\n'));

    // After a line break, where there is one: a text is read as if a line break came before it.
    private static int EndOfPiece(string text, int from)
    {
        int most = Math.Min(text.Length, from + LongestPiece);
        if (most == text.Length)
            return most;
        int end = text.LastIndexOf('\n', most - 1, most - from) + 1;
        return end > from ? end : char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
    }
}
