// The book's words: a cleaned line split at its spaces. Since cleaning turns everything else into spaces, and the end of a
// line is a border too, these are the runs of English letters, lower-cased.
namespace Unroll.Data.Tokens;

/// <summary>The book's words, which are joined by one space.</summary>
internal sealed class CleanWordTokenization() : WordTokenization(isCleaned: true)
{
    public override bool CleansFirst => false; // cleans while it splits

    public override string Joiner => " ";

    public override Tokenizer CreateTokenizer(TokenTable table, bool whole) => new CleanWordTokenizer(table);
}

internal sealed class CleanWordTokenizer(TokenTable table) : Tokenizer
{
    private readonly ShortTokens tokens = new(table);
    private readonly char[] word = new char[LongestToken];
    private int length;

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        int count = 0;
        for (used = 0; used < text.Length; used++)
        {
            char lower = (char)(text[used] | 0x20);
            bool letter = char.IsBetween(lower, 'a', 'z');
            if (length > 0 && (!letter || length == word.Length))
            {
                if (count == numbers.Length)
                    return count;
                TryFinish(out numbers[count++]);
            }
            if (letter)
                word[length++] = lower;
        }
        return count;
    }

    public override bool TryFinish(out int number)
    {
        number = 0;
        if (length == 0)
            return false;
        // Decoding puts a space before every word but the first, and so it is counted.
        int space = Characters == 0 ? 0 : 1;
        Characters += length + space;
        Bytes += length + space;
        number = tokens.Find(word.AsSpan(0, length));
        length = 0;
        return true;
    }
}
