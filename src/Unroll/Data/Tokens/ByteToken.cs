using System.Globalization;
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>How bytes are written as tokens: each as its number, &lt;0x41&gt;; or, where a token may have several, as the text that
/// they are, and only what is no whole character by number.</summary>
internal static class ByteToken
{
    private const int NameLength = 6;

    private static readonly string[] Names =
        [.. Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"))];

    public static IReadOnlyList<string> All => Names;

    public static string Name(byte value) => Names[value];

    /// <summary>The byte that a token stands for, or -1 (an unknown or a reserved token).</summary>
    public static int Value(string token) => Value(token.AsSpan());

    /// <summary>Whether a byte of UTF-8 begins a character.</summary>
    public static bool BeginsCharacter(int value) => (value & 0xC0) != 0x80;

    /// <summary>Bytes as text: " the", "é", or "é&lt;0xE6&gt;" where the last is the beginning of another character.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf8(bytes, out Rune character, out int length) == System.Buffers.OperationStatus.Done;
            if (whole)
                text.Append(character);
            else
                text.Append(Names[bytes[0]]);
            bytes = bytes[(whole ? length : 1)..];
        }
        return text.ToString();
    }

    /// <summary>The bytes of a token that <see cref="Spell"/> has written. Numbers below 0x80 are always characters, and so text.</summary>
    public static byte[] Read(string spelled)
    {
        if (!spelled.Contains('<'))
            return Encoding.UTF8.GetBytes(spelled);
        var bytes = new List<byte>();
        for (int i = 0; i < spelled.Length;)
        {
            if (i + NameLength <= spelled.Length && Value(spelled.AsSpan(i, NameLength)) is >= 0x80 and int value)
            {
                bytes.Add((byte)value);
                i += NameLength;
                continue;
            }
            int length = i + 1 < spelled.Length && char.IsSurrogatePair(spelled[i], spelled[i + 1]) ? 2 : 1;
            bytes.AddRange(Encoding.UTF8.GetBytes(spelled.Substring(i, length)));
            i += length;
        }
        return [.. bytes];
    }

    private static int Value(ReadOnlySpan<char> token) =>
        token.Length == NameLength && int.TryParse(token.Slice(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
        && token.SequenceEqual(Names[value]) ? value : -1;
}
