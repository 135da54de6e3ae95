namespace Unroll.Data.Tokens;

/// <summary>Characters, none of them half a surrogate pair.</summary>
internal sealed class CharacterTokenization(bool isCleaned) : Tokenization("characters", isCleaned)
{
    public override Tokenizer CreateTokenizer(TokenTable table, bool whole) => new CharacterTokenizer(table);
}

/// <summary>Every Unicode scalar value is a token.</summary>
internal sealed class CharacterTokenizer(TokenTable table) : Tokenizer
{
    // Scalar value → number, in pages of 256; 0 where the table has yet to be asked. Without it every character would
    // cost a hash of a string.
    private readonly int[]?[] pages = new int[0x110000 >> 8][];

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        int i = 0, count = 0;
        long bytes = 0;
        while (i < text.Length && count < numbers.Length)
        {
            int scalar = text[i];
            int length = 1;
            if (scalar < 0x80)
            {
                bytes++;
            }
            else if (char.IsSurrogate((char)scalar))
            {
                scalar = char.ConvertToUtf32(text[i], text[i + 1]);
                length = 2;
                bytes += 4;
            }
            else
            {
                bytes += scalar < 0x800 ? 2 : 3;
            }
            int[]? page = pages[scalar >> 8];
            int number = page is null ? 0 : page[scalar & 0xFF];
            numbers[count++] = number != 0 ? number : Ask(scalar, text.Slice(i, length));
            i += length;
        }
        used = i;
        Characters += count;
        Bytes += bytes;
        return count;
    }

    private int Ask(int scalar, ReadOnlySpan<char> token)
    {
        int number = table.Find(token);
        if (number != 0)
            (pages[scalar >> 8] ??= new int[256])[scalar & 0xFF] = number;
        return number;
    }
}
