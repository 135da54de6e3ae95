// The book's read_time_machine (d2l 8.2), streaming: re.sub('[^A-Za-z]+', ' ', line).strip().lower() for every line,
// lines joined with nothing between them. Python opens the file with universal newlines, so a lone CR ends a line too.
namespace Unroll.Data;

internal static class TextbookCleaning
{
    /// <summary>The cleaned text.</summary>
    /// <param name="pieces">A text in pieces of any size.</param>
    /// <param name="trimEnds">Whether the first line's start and the last line's end are trimmed too: yes for a whole text, no for
    /// a piece of one, such as "time traveller ", whose last space is meant.</param>
    public static IEnumerable<ReadOnlyMemory<char>> Clean(IEnumerable<ReadOnlyMemory<char>> pieces, bool trimEnds)
    {
        bool begun = !trimEnds; // a letter stands before this in the line, or its start is not to be trimmed
        bool gap = false; // something else than letters since
        foreach (ReadOnlyMemory<char> piece in pieces)
        {
            char[] clean = GC.AllocateUninitializedArray<char>(piece.Length + 1); // one more for a gap that began before
            int length = Clean(piece.Span, clean, ref begun, ref gap);
            if (length > 0)
                yield return clean.AsMemory(0, length);
        }
        if (!trimEnds && begun && gap)
            yield return " ".AsMemory();
    }

    private static int Clean(ReadOnlySpan<char> text, Span<char> clean, ref bool begun, ref bool gap)
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
