// Words of a text as it stands, such that joining the tokens gives the text back exactly. A token is
//   - a word: letters, marks, digits and underscores; an apostrophe between two of them belongs to it (don't, l’homme);
//   - one letter of a script written without spaces, with its marks (see WordClass.Single);
//   - a run of white space; or a run of anything else.
using System.Buffers;
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>Words, and what stands between them.</summary>
internal class WordTokenization(bool isCleaned) : Tokenization("words", isCleaned)
{
    public override bool IsWordByWord => true;

    public override bool CutsAnywhere => false;

    public override Tokenizer CreateTokenizer(TokenTable table, bool whole) => new WordTokenizer(table);

    // Nothing goes on from white space to something else.
    public override bool CutsBetween(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        before[^1] is (byte)' ' or (byte)'\n'
        && Rune.DecodeFromUtf8(after, out Rune next, out _) == OperationStatus.Done && WordClasses.Of(next.Value) != WordClass.Space;
}

internal sealed class WordTokenizer(TokenTable table) : Tokenizer
{
    private readonly ShortTokens tokens = new(table);
    private readonly char[] run = new char[LongestToken];
    private int length;
    private WordClass kind;
    private char apostrophe; // one after a word, whose part it is or is not: the next character decides; or 0

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        int count = 0;
        used = 0;
        while (used < text.Length && count < numbers.Length)
        {
            if (length == 0 && AsciiToken(text[used..], out ulong packed) is > 0 and int whole)
            {
                numbers[count++] = tokens.Find(text.Slice(used, whole), packed);
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
                numbers[count++] = HandOut(); // and look at the same character again
            }
        }
        return count;
    }

    public override bool TryFinish(out int number)
    {
        bool left = length > 0;
        number = left ? HandOut() : 0;
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
        for (int end = 1; end < text.Length && end <= LongestToken; end++)
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
        int number = tokens.Find(token);
        length = 0;
        if (apostrophe != 0)
        {
            (run[0], length, kind, apostrophe) = (apostrophe, 1, WordClass.Other, '\0');
        }
        return number;
    }
}
