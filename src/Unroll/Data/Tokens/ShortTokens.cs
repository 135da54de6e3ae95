namespace Unroll.Data.Tokens;

/// <summary>Remembers the numbers of short tokens in ASCII, most of what most texts consist of, under the token itself as a
/// number: finding one costs a tenth of a dictionary's hash and comparison. Everything else the table is asked for.</summary>
internal sealed class ShortTokens(TokenTable table)
{
    private const int Longest = sizeof(ulong);
    private const int Bits = 15;
    private const int Patience = 1000;

    private (ulong Token, int Number)[]? known;
    private int asked;

    /// <summary>The token's number; 0 says that it has none.</summary>
    public int Find(ReadOnlySpan<char> token)
    {
        ulong packed = 0;
        uint all = 0;
        foreach (char c in token)
        {
            packed = Pack(packed, c);
            all |= c;
        }
        return all < 128 ? Find(token, packed) : table.Find(token);
    }

    /// <summary>The same for a token in ASCII that has been packed already.</summary>
    public int Find(ReadOnlySpan<char> token, ulong packed)
    {
        // A NUL looks like nothing before the next character.
        if (token.Length > Longest || token[0] == '\0')
            return table.Find(token);
        if (known is null)
        {
            // A short text is not worth the memory.
            if (++asked < Patience)
                return table.Find(token);
            known = new (ulong, int)[1 << Bits];
        }
        ref (ulong Token, int Number) place = ref known[(int)(packed * 0x9E3779B97F4A7C15 >> (64 - Bits))];
        if (place.Token != packed || place.Number == 0)
            place = (packed, table.Find(token));
        return place.Number;
    }

    /// <summary>Puts a character to the end of a packed token.</summary>
    public static ulong Pack(ulong packed, char next) => (packed << 8) | next;
}
