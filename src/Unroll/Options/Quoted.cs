using System.Text;

namespace Unroll.Options;

/// <summary>Shows words from a file that is not trusted: shortened, in quotation marks, without control characters.</summary>
internal static class Quoted
{
    private const int Longest = 60;

    public static string Text(string words)
    {
        var shown = new StringBuilder("\"");
        int count = 0;
        foreach (Rune rune in words.EnumerateRunes())
        {
            if (count++ == Longest)
            {
                shown.Append('…');
                break;
            }
            if (Rune.IsControl(rune))
                shown.Append('�');
            else
                shown.Append(rune);
        }
        return shown.Append('"').ToString();
    }
}
