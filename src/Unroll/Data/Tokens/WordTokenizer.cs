// Words of a text as it stands, such that joining the tokens gives the text back exactly. A token is
//   - a word: letters, marks, digits and underscores; an apostrophe between two of them belongs to it (don't, l’homme);
//   - one letter of a script written without spaces, with its marks (see WordClass.Single);
//   - a run of white space; or a run of anything else.
namespace Unroll.Data.Tokens;

internal sealed class WordTokenizer(TokenTable table) : Tokenizer
{
    /// <summary>A run longer than this many chars is cut: no text, a genome without a line's end, say, makes the memory grow.</summary>
    internal const int LongestWord = 1024;

    private readonly ShortTokens tokens = new(table);
    private readonly char[] run = new char[LongestWord];
    private int length;
    private WordClass kind;
    private char apostrophe; // one that followed a word and is in doubt until the next character is seen; or 0

    public override int Split(ReadOnlySpan<char> text, Span<int> ids, out int used)
    {
        int count = 0;
        used = 0;
        while (used < text.Length && count < ids.Length)
        {
            if (length == 0 && AsciiToken(text[used..], out ulong packed) is > 0 and int whole)
            {
                ids[count++] = tokens.Find(text.Slice(used, whole), packed);
                Characters += whole;
                Bytes += whole;
                used += whole;
                continue;
            }
            int size = char.IsHighSurrogate(text[used]) ? 2 : 1;
            ReadOnlySpan<char> character = text.Slice(used, size);
            WordClass next = WordClasses.Of(size == 1 ? character[0] : char.ConvertToUtf32(character[0], character[1]));
            if (length > 0 && apostrophe == 0 && kind == WordClass.Word && WordClasses.IsApostrophe(character[0]))
            {
                apostrophe = character[0];
                used++;
            }
            else if (Continues(next, size))
            {
                Append(next, character);
                used += size;
                // Most of most texts: more of the same, in ASCII.
                while (used < text.Length && length < run.Length && text[used] < 128 && WordClasses.Of(text[used]) == kind)
                    run[length++] = text[used++];
            }
            else
            {
                ids[count++] = HandOut(); // and look at the same character again
            }
        }
        return count;
    }

    public override bool TryFinish(out int id)
    {
        bool left = length > 0;
        id = left ? HandOut() : 0;
        return left;
    }

    // Most of most texts: a run in ASCII whose end is in sight. Its length, or 0 where it takes more to tell.
    private static int AsciiToken(ReadOnlySpan<char> text, out ulong packed)
    {
        packed = text[0];
        ReadOnlySpan<WordClass> classes = WordClasses.OfAscii;
        if (text[0] >= classes.Length)
            return 0;
        WordClass kind = classes[text[0]];
        for (int end = 1; end < text.Length && end <= LongestWord; end++)
        {
            char next = text[end];
            if (next >= classes.Length)
                return 0;
            if (classes[next] != kind)
                return kind == WordClass.Word && next == '\'' ? 0 : end;
            packed = ShortTokens.Pack(packed, next);
        }
        return 0;
    }

    private bool Continues(WordClass next, int size)
    {
        if (length == 0)
            return true;
        if (length + size + (apostrophe == 0 ? 0 : 1) > run.Length)
            return false;
        if (apostrophe != 0)
            return next == WordClass.Word;
        return next == WordClass.Mark ? kind != WordClass.Space : next == kind && kind != WordClass.Single;
    }

    private void Append(WordClass next, ReadOnlySpan<char> character)
    {
        if (length == 0)
            kind = next == WordClass.Mark ? WordClass.Word : next;
        if (apostrophe != 0)
            run[length++] = apostrophe;
        apostrophe = '\0';
        character.CopyTo(run.AsSpan(length));
        length += character.Length;
    }

    private int HandOut()
    {
        ReadOnlySpan<char> token = run.AsSpan(0, length);
        CountText(token);
        int id = tokens.Find(token);
        length = 0;
        if (apostrophe != 0)
        {
            (run[0], length, kind, apostrophe) = (apostrophe, 1, WordClass.Other, '\0');
        }
        return id;
    }
}
