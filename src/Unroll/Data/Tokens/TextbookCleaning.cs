// The book's read_time_machine (d2l 8.2), streaming: re.sub('[^A-Za-z]+', ' ', line).strip().lower() for every line,
// lines joined with nothing between them. Python opens the file with universal newlines, so a lone CR ends a line too.
namespace Unroll.Data.Tokens;

internal sealed class TextbookCleaning(bool trimEnds)
{
    private bool begun = !trimEnds; // the line has had a letter, or its start must not be trimmed
    private bool gap; // something other than letters since

    /// <summary>The cleaned text.</summary>
    /// <param name="pieces">A text in pieces of any size.</param>
    /// <param name="trimEnds">Whether the first line's start and the last line's end are trimmed too: yes for a whole text, no for
    /// a piece of one, such as "time traveller ", whose last space is intended.</param>
    public static IEnumerable<ReadOnlyMemory<char>> Clean(IEnumerable<ReadOnlyMemory<char>> pieces, bool trimEnds)
    {
        var cleaning = new TextbookCleaning(trimEnds);
        foreach (ReadOnlyMemory<char> piece in pieces)
        {
            char[] clean = GC.AllocateUninitializedArray<char>(piece.Length + 1);
            int length = cleaning.Clean(piece.Span, clean);
            if (length > 0)
                yield return clean.AsMemory(0, length);
        }
        if (!trimEnds && cleaning is { begun: true, gap: true })
            yield return " ".AsMemory();
    }

    /// <summary>Cleans the next piece.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="clean">Room for the result: one char more than the piece has, for a gap that began before.</param>
    /// <returns>The result's length.</returns>
    public int Clean(ReadOnlySpan<char> text, Span<char> clean)
    {
        int length = 0;
        foreach (char c in text)
        {
            char lower = (char)(c | 0x20);
            if (char.IsBetween(lower, 'a', 'z'))
            {
                if (gap && begun)
                    clean[length++] = ' ';
                clean[length++] = lower;
                (begun, gap) = (true, false);
            }
            else if (c is '\n' or '\r')
            {
                (begun, gap) = (false, false);
            }
            else
            {
                gap = true;
            }
        }
        return length;
    }
}
