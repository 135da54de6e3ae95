using System.Text.Unicode;

namespace Unroll.Data.Tokens;

/// <summary>Every byte of the text's UTF-8 form is a token.</summary>
internal sealed class ByteTokenizer(TokenTable table) : Tokenizer
{
    private readonly int[] numbers = new int[256]; // 0 where the table has yet to be asked
    private readonly byte[] buffer = new byte[4096];
    private int position;
    private int end;

    public override int Split(ReadOnlySpan<char> text, Span<int> ids, out int used)
    {
        used = 0;
        int count = 0;
        while (true)
        {
            count += HandOut(ids[count..]);
            if (count == ids.Length || used == text.Length)
                return count;
            // A character that does not fit whole waits for the next round.
            Utf8.FromUtf16(text[used..], buffer, out int read, out end, replaceInvalidSequences: true);
            position = 0;
            used += read;
        }
    }

    public override bool TryFinish(out int id)
    {
        id = 0;
        return HandOut(new Span<int>(ref id)) == 1;
    }

    private int HandOut(Span<int> ids)
    {
        int count = Math.Min(ids.Length, end - position);
        foreach (byte value in buffer.AsSpan(position, count))
        {
            int id = numbers[value];
            if (id == 0)
                id = numbers[value] = table.Find(ByteToken.Name(value));
            if (ByteToken.BeginsCharacter(value))
                Characters++;
            ids[0] = id;
            ids = ids[1..];
        }
        position += count;
        Bytes += count;
        return count;
    }
}
