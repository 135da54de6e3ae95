using System.Text.Unicode;

namespace Unroll.Data.Tokens;

/// <summary>Bytes, written as <see cref="ByteToken"/>s.</summary>
internal sealed class ByteTokenization(bool isCleaned) : Tokenization("bytes", isCleaned)
{
    private static readonly byte[][] Values = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    public override IReadOnlyList<string> Required => ByteToken.All;

    public override Tokenizer CreateTokenizer(TokenTable table, bool whole) => new ByteTokenizer(table);

    public override byte[]? BytesOf(string token) => ByteToken.Value(token) is >= 0 and int value ? Values[value] : null;
}

/// <summary>Every byte of the text's UTF-8 form is a token.</summary>
internal sealed class ByteTokenizer(TokenTable table) : Tokenizer
{
    private readonly int[] found = new int[256]; // 0 where the table has yet to be asked
    private readonly byte[] buffer = new byte[4096];
    private int position;
    private int end;

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        used = 0;
        int count = 0;
        while (true)
        {
            count += HandOut(numbers[count..]);
            if (count == numbers.Length || used == text.Length)
                return count;
            // A character that does not fit whole waits for the next round.
            Utf8.FromUtf16(text[used..], buffer, out int read, out end, replaceInvalidSequences: true);
            position = 0;
            used += read;
        }
    }

    public override bool TryFinish(out int number)
    {
        number = 0;
        return HandOut(new Span<int>(ref number)) == 1;
    }

    private int HandOut(Span<int> numbers)
    {
        int count = Math.Min(numbers.Length, end - position);
        foreach (byte value in buffer.AsSpan(position, count))
        {
            int number = found[value];
            if (number == 0)
                number = found[value] = table.Find(ByteToken.Name(value));
            if (ByteToken.BeginsCharacter(value))
                Characters++;
            numbers[0] = number;
            numbers = numbers[1..];
        }
        position += count;
        Bytes += count;
        return count;
    }
}
