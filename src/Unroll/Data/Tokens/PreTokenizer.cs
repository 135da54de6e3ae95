// GPT-2's way to cut a text into words before byte pairs are merged, which no merge crosses; joined they are the text. Its pattern is
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// on Unicode scalar values: a word takes the space before it along; of several white spaces the last stands alone or goes with the
// word; an apostrophe that begins a word may be one of seven endings. Here it is read character by character, so that a text may
// come in pieces.
using System.Globalization;

namespace Unroll.Data.Tokens;

/// <summary>Cuts a text into words for byte-pair encoding. A word has at most <see cref="Tokenizer.LongestToken"/> chars: a longer one
/// is cut there.</summary>
internal sealed class PreTokenizer
{
    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(Sort)];

    private readonly char[] run = new char[Tokenizer.LongestToken];
    private readonly char[] word = new char[Tokenizer.LongestToken];
    private int length;
    private Kind kind; // of what is in the run, but for a space before it

    private enum Kind : byte
    {
        Letter,
        Number,
        Space,
        Other,
        Ending, // an apostrophe, and a letter with which a two-letter ending begins
    }

    /// <summary>Reads on to the end of a word.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="used">How much of the text has been read.</param>
    /// <param name="found">The word, until the next call.</param>
    /// <returns>Whether there is one; otherwise the whole text has been read.</returns>
    public bool TryRead(ReadOnlySpan<char> text, ref int used, out ReadOnlySpan<char> found)
    {
        while (used < text.Length)
        {
            if (length == 0 && AsciiWord(text[used..]) is > 0 and int whole)
            {
                found = text.Slice(used, whole);
                used += whole;
                return true;
            }
            int size = char.IsHighSurrogate(text[used]) ? 2 : 1;
            ReadOnlySpan<char> character = text.Slice(used, size);
            Kind next = size == 2 ? Sort(char.ConvertToUtf32(character[0], character[1])) : Of(character[0]);
            int cut = Cut(next, character[0], size);
            if (cut > 0)
            {
                found = Take(cut); // and look at the same character again
                return true;
            }
            Append(next, character);
            used += size;
            if (IsWholeEnding())
            {
                found = Take(length);
                return true;
            }
        }
        found = default;
        return false;
    }

    /// <summary>Called when the text has ended, until nothing is left.</summary>
    public bool TryFinish(out ReadOnlySpan<char> found)
    {
        found = length == 0 ? default : Take(kind == Kind.Ending ? 1 : length);
        return found.Length > 0;
    }

    /// <summary>Whether a word ends here for certain, and another one begins.</summary>
    /// <param name="before">What stands before, in UTF-8.</param>
    /// <param name="after">What stands after.</param>
    public static bool EndsBetween(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        // A line break with no other white space about it.
        before[^1] == '\n' && KindOfLast(before[..^1]) is not (null or Kind.Space)
        && System.Text.Rune.DecodeFromUtf8(after, out System.Text.Rune next, out _) == System.Buffers.OperationStatus.Done && Sort(next.Value) != Kind.Space;

    private static Kind? KindOfLast(ReadOnlySpan<byte> bytes) =>
        System.Text.Rune.DecodeLastFromUtf8(bytes, out System.Text.Rune last, out _) == System.Buffers.OperationStatus.Done ? Sort(last.Value) : null;

    // Most of most texts: a word in ASCII whose end is in sight. Its length, or 0 where it takes more to tell.
    private static int AsciiWord(ReadOnlySpan<char> text)
    {
        int first = text[0] == ' ' ? 1 : 0;
        if (first == text.Length || text[first] >= 128 || text[0] == '\'')
            return 0;
        Kind kind = Ascii[text[first]];
        if (kind == Kind.Space)
            return 0;
        for (int end = first + 1; end < text.Length && end <= Tokenizer.LongestToken; end++)
        {
            char next = text[end];
            if (next >= 128)
                return 0;
            if (Ascii[next] != kind)
                return end;
        }
        return 0;
    }

    // How much of the run is a word, now that this comes next; 0 = that is not known yet, or it goes on.
    private int Cut(Kind next, char character, int size)
    {
        if (length == 0)
            return 0;
        if (length + size > run.Length)
            return kind == Kind.Ending ? 1 : length;
        switch (kind)
        {
            case Kind.Space:
                return next == Kind.Space ? 0
                    : length > 1 ? length - 1
                    : run[0] == ' ' ? 0 : 1;
            case Kind.Ending:
                return (run[1], character) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 0 : 1;
            case Kind.Other when length == 1 && run[0] == '\'':
                return next == Kind.Other || character is 's' or 't' or 'm' or 'd' or 'r' or 'v' or 'l' ? 0 : 1;
            default:
                return next == kind ? 0 : length;
        }
    }

    private void Append(Kind next, ReadOnlySpan<char> character)
    {
        bool ends = length == 1 && run[0] == '\'' && next == Kind.Letter;
        if (length == 0 || kind == Kind.Space)
            kind = next;
        else if (ends)
            kind = Kind.Ending;
        character.CopyTo(run.AsSpan(length));
        length += character.Length;
    }

    private bool IsWholeEnding() => kind == Kind.Ending && (length == 3 || run[1] is 's' or 't' or 'm' or 'd');

    private ReadOnlySpan<char> Take(int count)
    {
        run.AsSpan(0, count).CopyTo(word);
        run.AsSpan(count, length - count).CopyTo(run);
        length -= count;
        if (length > 0)
            kind = kind == Kind.Ending ? Kind.Letter : Kind.Space; // what is left of an ending, or the last white space
        return word.AsSpan(0, count);
    }

    private static Kind Of(char character) => character < 128 ? Ascii[character] : Sort(character);

    private static Kind Sort(int scalar)
    {
        if (scalar < 0x10000 && char.IsWhiteSpace((char)scalar))
            return Kind.Space;
        return CharUnicodeInfo.GetUnicodeCategory(scalar) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter, // upper case, lower case, title case, modifier, other
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
