using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Tests.Data.Tokens;

/// <summary>Byte-pair encoding as its papers tell it: everything is counted anew for every merge, and merges are applied one after
/// another, from left to right. Slow, and easy to check by reading.</summary>
internal sealed class NaiveBytePairs
{
    private static readonly Regex Words = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    /// <summary>The merges in their order; each makes the next id from 257 on.</summary>
    public List<(int Left, int Right)> Merges { get; } = [];

    /// <summary>GPT-2's words of a text, by GPT-2's pattern. .NET's knows no characters beyond U+FFFF: one of the same class stands for them.</summary>
    public static string[] Cut(string text)
    {
        string[] characters = [.. text.EnumerateRunes().Select(rune => rune.ToString())];
        string shown = string.Concat(characters.Select(character => character.Length == 1 ? character
            : Rune.IsLetter(Rune.GetRuneAt(character, 0)) ? "ʘ" : Rune.IsNumber(Rune.GetRuneAt(character, 0)) ? "²" : "☃"));
        return [.. Words.Matches(shown).Select(match => string.Concat(characters[match.Index..(match.Index + match.Length)]))];
    }

    public static NaiveBytePairs Learn(string text, int size) => Learn([text], size);

    /// <summary>Of texts that know nothing of one another.</summary>
    public static NaiveBytePairs Learn(string[] texts, int size)
    {
        var naive = new NaiveBytePairs();
        List<int>[] words = [.. texts.SelectMany(Cut).Select(Bytes)];
        while (naive.Merges.Count + 257 < size)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach (List<int> word in words)
                for (int i = 0; i + 1 < word.Count; i++)
                    counts[(word[i], word[i + 1])] = counts.GetValueOrDefault((word[i], word[i + 1])) + 1;
            if (counts.Count == 0 || counts.Values.Max() < 2)
                break;
            (int Left, int Right) best = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
            foreach (List<int> word in words)
                Apply(word, best, naive.Merges.Count + 257);
            naive.Merges.Add(best);
        }
        return naive;
    }

    public int[] Encode(string text) => [.. Cut(text).SelectMany(piece =>
    {
        List<int> word = Bytes(piece);
        for (int i = 0; i < Merges.Count; i++)
            Apply(word, Merges[i], i + 257);
        return word;
    })];

    private static List<int> Bytes(string word) => [.. Encoding.UTF8.GetBytes(word).Select(value => value + 1)];

    private static void Apply(List<int> word, (int Left, int Right) pair, int token)
    {
        for (int i = 0; i + 1 < word.Count; i++)
        {
            if ((word[i], word[i + 1]) != pair)
                continue;
            word[i] = token;
            word.RemoveAt(i + 1);
        }
    }
}
