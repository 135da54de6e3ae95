using System.Globalization;

namespace Unroll.Data.Tokens;

/// <summary>What a character is to a word.</summary>
internal enum WordClass : byte
{
    /// <summary>Part of a word: a letter, a digit, an underscore.</summary>
    Word,

    /// <summary>A word by itself: a letter of a script that puts no spaces between words (Han, kana, Thai, Lao, Khmer,
    /// Burmese), where only a dictionary could tell.</summary>
    Single,

    /// <summary>White space.</summary>
    Space,

    /// <summary>Punctuation, symbols and the rest.</summary>
    Other,

    /// <summary>A combining mark: part of what it follows.</summary>
    Mark,
}

/// <summary>Sorts characters into <see cref="WordClass"/>es.</summary>
internal static class WordClasses
{
    private static readonly WordClass[] Ascii = [.. Enumerable.Range(0, 128).Select(Sort)];

    /// <summary>The classes of the characters below 128.</summary>
    public static ReadOnlySpan<WordClass> OfAscii => Ascii;

    public static WordClass Of(int scalar) => scalar < 128 ? Ascii[scalar] : Sort(scalar);

    /// <summary>The typewriter's apostrophe and the typographer's.</summary>
    public static bool IsApostrophe(char c) => c is '\'' or '\u2019';

    private static WordClass Sort(int scalar)
    {
        if (scalar < 0x10000 && char.IsWhiteSpace((char)scalar))
            return WordClass.Space;
        switch (CharUnicodeInfo.GetUnicodeCategory(scalar))
        {
            case <= UnicodeCategory.OtherLetter: // upper case, lower case, title case, modifier, other
            case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
            case UnicodeCategory.ConnectorPunctuation:
                return IsUnspaced(scalar) ? WordClass.Single : WordClass.Word;
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return WordClass.Mark;
            default:
                return WordClass.Other;
        }
    }

    private static bool IsUnspaced(int scalar) => scalar switch
    {
        < 0x0E00 => false,
        <= 0x0EFF => true, // Thai, Lao
        >= 0x1000 and <= 0x109F => true, // Burmese
        >= 0x1780 and <= 0x17FF => true, // Khmer
        >= 0x3005 and <= 0x3007 or >= 0x3021 and <= 0x3029 => true, // ideographic iteration mark, zero, numerals
        >= 0x3031 and <= 0x312F or >= 0x31A0 and <= 0x31FF => true, // kana, bopomofo
        >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF => true, // Han
        >= 0xF900 and <= 0xFAFF or >= 0xFF66 and <= 0xFF9D => true, // Han compatibility forms, half-width kana
        >= 0x1AFF0 and <= 0x1B16F or >= 0x20000 and <= 0x3FFFF => true, // further kana, further Han
        _ => false,
    };
}
