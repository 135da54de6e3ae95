using System.Text;
using Unroll.Data.Tokens;

namespace Unroll.Counts;

/// <summary>Which tokens are parts of words, and which are the same letter.</summary>
internal static class Letters
{
    /// <summary>Letters by number, upper and lower case alike; 0 for what is no part of a word. Where tokens are words there are
    /// none: the last tokens are the last words. Of bytes, those of characters beyond ASCII are letters.</summary>
    /// <returns>[V]</returns>
    public static int[] Of(Vocabulary vocabulary)
    {
        int[] letters = new int[vocabulary.Count];
        Tokenization tokenization = vocabulary.Tokenization;
        if (tokenization.IsWordByWord)
            return letters;
        var numbers = new Dictionary<int, int>();
        for (int id = 1; id < letters.Length; id++)
        {
            int scalar = tokenization.BytesOf(vocabulary[id]) is { } bytes ? OfByte(bytes) : OfCharacter(vocabulary[id]);
            if (scalar >= 0)
                letters[id] = numbers.TryGetValue(scalar, out int number) ? number : numbers[scalar] = numbers.Count + 1;
        }
        return letters;
    }

    private static int OfByte(byte[] bytes) =>
        bytes is [< 0x80] ? OfCharacter(((char)bytes[0]).ToString()) : bytes is [_] ? 0x110000 + bytes[0] : -1;

    private static int OfCharacter(string token)
    {
        if (Rune.DecodeFromUtf16(token, out Rune rune, out int length) != System.Buffers.OperationStatus.Done || length != token.Length)
            return -1;
        bool letter = WordClasses.Of(rune.Value) is WordClass.Word or WordClass.Mark || (rune.IsBmp && WordClasses.IsApostrophe((char)rune.Value));
        return letter ? Rune.ToLowerInvariant(rune).Value : -1;
    }
}
