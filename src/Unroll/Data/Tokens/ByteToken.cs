using System.Globalization;

namespace Unroll.Data.Tokens;

/// <summary>How a byte is written as a token: &lt;0x41&gt;.</summary>
internal static class ByteToken
{
    private static readonly string[] Names =
        [.. Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"))];

    public static IReadOnlyList<string> All => Names;

    public static string Name(byte value) => Names[value];

    /// <summary>The byte that a token stands for, or -1 (an unknown or a reserved token).</summary>
    public static int Value(string token) =>
        token.Length == 6 && int.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
        && token == Names[value] ? value : -1;

    /// <summary>Whether a byte of UTF-8 begins a character.</summary>
    public static bool BeginsCharacter(int value) => (value & 0xC0) != 0x80;
}
