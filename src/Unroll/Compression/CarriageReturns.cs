// Line ends of two bytes. A corpus reads them as one, so a model that learned from it would pay for each carriage return what a rare sign
// costs; where every line of a text has one, a number says it of all.
namespace Unroll.Compression;

/// <summary>Takes the carriage returns before line breaks out of a text, and puts them back.</summary>
internal static class CarriageReturns
{
    private const byte Return = (byte)'\r', Break = (byte)'\n';

    /// <summary>Whether there are lines, and one stands before every line break: only then is the text what <see cref="Restored"/> makes of it again.</summary>
    public static bool AreEverywhere(ReadOnlySpan<byte> text)
    {
        bool any = false;
        for (int at; (at = text.IndexOf(Break)) >= 0; text = text[(at + 1)..])
        {
            if (at == 0 || text[at - 1] != Return)
                return false;
            any = true;
        }
        return any;
    }

    /// <summary>A text without them.</summary>
    public static byte[] Without(ReadOnlySpan<byte> text)
    {
        byte[] lines = new byte[text.Length - text.Count(Break)];
        int written = 0;
        for (int at; (at = text.IndexOf(Break)) >= 0; text = text[(at + 1)..])
        {
            text[..(at - 1)].CopyTo(lines.AsSpan(written));
            written += at;
            lines[written - 1] = Break;
        }
        text.CopyTo(lines.AsSpan(written));
        return lines;
    }

    /// <summary>A text with one before each of its line breaks.</summary>
    public static byte[] Restored(ReadOnlySpan<byte> text)
    {
        byte[] lines = new byte[text.Length + text.Count(Break)];
        int written = 0;
        for (int at; (at = text.IndexOf(Break)) >= 0; text = text[(at + 1)..])
        {
            text[..at].CopyTo(lines.AsSpan(written));
            written += at + 2;
            (lines[written - 2], lines[written - 1]) = (Return, Break);
        }
        text.CopyTo(lines.AsSpan(written));
        return lines;
    }
}
