using System.Globalization;
using System.Text;

namespace Unroll.Cli.Output;

/// <summary>Text from a stranger made safe and visible: control characters cannot steer the terminal, and a reader sees them.</summary>
internal static class VisibleText
{
    /// <summary>Text on one line: line ends and tabs are shown too.</summary>
    public static string Line(string text) => Show(text, keepLines: false, keepFormat: true);

    /// <summary>Text on several lines: line ends and tabs stay what they are.</summary>
    public static string Lines(string text) => Show(text, keepLines: true, keepFormat: true);

    /// <summary>A token by itself: spaces, lone combining marks and invisible characters are shown too.</summary>
    public static string Token(string token)
    {
        if (token.Length > 0 && token.All(character => character == ' '))
            return new string('␣', token.Length);
        bool combining = Rune.TryGetRuneAt(token + ' ', 0, out Rune first)
            && Rune.GetUnicodeCategory(first) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
        return (combining ? "◌" : "") + Show(token, keepLines: false, keepFormat: false);
    }

    private static string Show(string text, bool keepLines, bool keepFormat)
    {
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            int value = rune.Value;
            if (keepLines && value is '\n' or '\t')
                shown.Append((char)value);
            else if (value == '\n')
                shown.Append('↵');
            else if (value == '\t')
                shown.Append('⇥');
            else if (value < 0x20)
                shown.Append((char)(0x2400 + value));
            else if (value == 0x7F)
                shown.Append('␡');
            else if (IsInvisible(Rune.GetUnicodeCategory(rune), keepFormat))
                shown.Append($"\\u{{{value:X}}}");
            else
                shown.Append(rune.ToString());
        }
        return shown.ToString();
    }

    private static bool IsInvisible(UnicodeCategory category, bool keepFormat) => category switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => !keepFormat,
        _ => false,
    };
}
