// A text's lines as a vocabulary's ids, each line encoded by itself. A line that is too long to be held comes in parts.
namespace Unroll.Data.Tokens;

/// <summary>A line, or a part of a long one.</summary>
/// <param name="Number">The line's, from 1.</param>
/// <param name="Ids">The part's tokens.</param>
/// <param name="Unknown">Those that the vocabulary does not know, one for each id 0.</param>
/// <param name="Characters">Unicode scalar values of the part's tokens.</param>
/// <param name="Bytes">UTF-8 bytes of the part's tokens.</param>
/// <param name="Begins">Whether the line begins here.</param>
/// <param name="Ends">Whether the line ends here.</param>
internal sealed record LinePart(long Number, int[] Ids, string[] Unknown, long Characters, long Bytes, bool Begins, bool Ends);

/// <summary>Reads a text line by line. A line has the line break that ends it, if the vocabulary knows line breaks; a text that ends
/// with one has no line after it.</summary>
internal sealed class LineReader
{
    /// <summary>A line of more tokens than this comes in parts of about so many.</summary>
    public const int LongestPart = 4096;

    private readonly Tokenization tokens;
    private readonly TextEncoder.Table table;
    private readonly Tokenizer tokenizer;
    private readonly TextbookCleaning? cleaning;
    private readonly bool keepsBreaks;
    private readonly List<int> ids = [];
    private readonly int[] chunk = new int[256];
    private readonly char[] clean = new char[LongestPart + 1];
    private long number = 1;
    private long characters, bytes; // of the line's earlier parts
    private bool begins = true;

    /// <param name="vocabulary">The vocabulary; lines are split and cleaned as it says.</param>
    public LineReader(Vocabulary vocabulary)
    {
        tokens = vocabulary.Tokenization;
        table = new TextEncoder.Table(vocabulary);
        tokenizer = tokens.CreateTokenizer(table, whole: vocabulary.Text.Documents == DocumentKind.Line);
        cleaning = tokens.CleansFirst ? new TextbookCleaning(trimEnds: true) : null;
        keepsBreaks = vocabulary.Encode("\n") is [not Vocabulary.UnknownId];
    }

    /// <summary>Reads a text, once.</summary>
    /// <exception cref="UnrollException">It is not valid UTF-8 or cannot be read.</exception>
    public IEnumerable<LinePart> Read(TextSource text)
    {
        bool isOpen = false; // whether the line has had a character
        foreach (ReadOnlyMemory<char> piece in text.Read())
        {
            for (ReadOnlyMemory<char> rest = piece; !rest.IsEmpty;)
            {
                int end = rest.Span[..Math.Min(rest.Length, LongestPart)].IndexOf('\n');
                int taken = end >= 0 ? end + 1 : Whole(rest.Span);
                Append(rest.Span[..(end >= 0 && !keepsBreaks ? end : taken)]);
                rest = rest[taken..];
                isOpen = end < 0;
                if (end >= 0)
                    yield return EndLine();
                else if (ids.Count >= LongestPart)
                    yield return Part(ends: false);
            }
        }
        if (isOpen)
            yield return EndLine();
    }

    // As much as makes a part, without half a character at its end.
    private static int Whole(ReadOnlySpan<char> text) =>
        text.Length <= LongestPart ? text.Length : char.IsHighSurrogate(text[LongestPart - 1]) ? LongestPart - 1 : LongestPart;

    private void Append(ReadOnlySpan<char> text)
    {
        if (cleaning is not null)
            text = clean.AsSpan(0, cleaning.Clean(text, clean));
        while (!text.IsEmpty)
        {
            int count = tokenizer.Split(text, chunk, out int used);
            ids.AddRange(chunk.AsSpan(0, count));
            text = text[used..];
        }
    }

    private LinePart EndLine()
    {
        while (tokenizer.TryFinish(out int id))
            ids.Add(id);
        cleaning?.Clean("\n", clean); // a line is trimmed at both ends
        LinePart part = Part(ends: true);
        tokenizer.Restart();
        (characters, bytes, begins) = (0, 0, true);
        number++;
        return part;
    }

    private LinePart Part(bool ends)
    {
        var part = new LinePart(
            number, [.. ids], [.. table.Unknown], tokenizer.Characters - characters, tokenizer.Bytes - bytes, begins, ends);
        (characters, bytes, begins) = (tokenizer.Characters, tokenizer.Bytes, false);
        ids.Clear();
        table.Unknown.Clear();
        return part;
    }
}
